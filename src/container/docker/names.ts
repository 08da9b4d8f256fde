import type { Random } from "../../sim/random.ts";

const ADJECTIVES = (
  "admiring agitated amazing bold boring brave busy charming clever compassionate condescending confident cool " +
  "cranky crazy dazzling determined dreamy eager ecstatic elastic elated elegant eloquent epic exciting fervent " +
  "festive flamboyant focused friendly frosty funny gallant gifted goofy gracious great happy hardcore heuristic " +
  "hopeful hungry infallible inspiring jolly jovial keen kind laughing loving lucid magical modest musing mystifying " +
  "naughty nervous nice nifty nostalgic objective optimistic peaceful pedantic pensive practical priceless quirky " +
  "quizzical recursing relaxed reverent romantic sad serene sharp silly sleepy stoic strange stupefied suspicious " +
  "sweet tender thirsty trusting unruffled upbeat vibrant vigilant vigorous wizardly wonderful xenodochial youthful zealous zen"
).split(" ");

const SURNAMES = (
  "agnesi albattani allen archimedes ardinghelli babbage banach bardeen bartik bassi bell blackwell bohr borg bose " +
  "boyd brahmagupta brattain brown carson cerf chandrasekhar cori cray curie darwin davinci dijkstra dubinsky easley " +
  "edison einstein elion engelbart euclid euler fermat fermi feynman franklin galileo gates goldberg goldstine golick " +
  "goodall hamilton hawking heisenberg hermann hodgkin hoover hopper hugle hypatia jackson jang jennings jepsen " +
  "johnson jones kalam kare keller kepler khorana kilby kirch knuth kowalevski lalande lamarr lamport leakey leavitt " +
  "lewin lovelace lumiere mahavira mayer mccarthy mcclintock mclean mcnulty meitner mestorf mirzakhani morse newton " +
  "nobel noether northcutt noyce panini pare pasteur payne perlman pike poincare poitras ptolemy raman ramanujan " +
  "ride ritchie roentgen rosalind saha sammet shannon shaw shockley sinoussi snyder spence stallman stonebraker swanson " +
  "swartz swirles tesla thompson torvalds turing varahamihira visvesvaraya volhard wescoff wiles williams wilson wing wozniak wright yalow yonath"
).split(" ");

/** A name for a container that was given none: an adjective and somebody of note. Models: moby namesgenerator. */
export function randomName(random: Random, taken: (name: string) => boolean): string {
  for (let retry = 0; ; retry++) {
    const adjective = ADJECTIVES[random.below(ADJECTIVES.length)] ?? "";
    const surname = SURNAMES[random.below(SURNAMES.length)] ?? "";
    const name = `${adjective}_${surname}${retry > 0 ? random.below(10) : ""}`;
    if (!taken(name)) return name;
  }
}
