import { writeText } from "../../container/files.ts";
import type { FileSystem } from "../../userland/os/fs.ts";

const PATH = "/etc/cni/net.d/10-kindnet.conflist";

export interface CniInputs {
  readonly podCidr: string;
  /** Of eth0; absent when there is no eth0. */
  readonly mtu: number | undefined;
}

/** What kindnetd's template comes to for one IPv4 range. Models: kindnetd cni.go. */
function text({ podCidr, mtu }: CniInputs): string {
  return `
{
	"cniVersion": "0.3.1",
	"name": "kindnet",
	"plugins": [
	{
		"type": "ptp",
		"ipMasq": false,
		"ipam": {
			"type": "host-local",
			"dataDir": "/run/cni-ipam-state",
			"routes": [
				
				
				{ "dst": "0.0.0.0/0" }
			],
			"ranges": [
				
				
				[ { "subnet": "${podCidr}" } ]
			]
		}
		${mtu === undefined ? "" : `,\n\t\t"mtu": ${mtu}`}
		
	},
	{
		"type": "portmap",
		"capabilities": {
			"portMappings": true
		}
	}
	]
}
`;
}

/** Writes the configuration when it says something new. */
export class CniConfigWriter {
  private last = "";

  write(fs: FileSystem, inputs: CniInputs): void {
    const next = text(inputs);
    if (next === this.last) return;
    writeText(fs, PATH, next);
    this.last = next;
  }
}
