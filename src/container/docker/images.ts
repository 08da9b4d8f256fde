import { repositoryOf } from "../runtime/images.ts";

/** What an image's configuration says, of the images that people try networks with. */
export interface ImageFacts {
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly exposed: readonly string[];
  /** Nothing but tools: a command that it does not have fails, and nothing stands in for it. */
  readonly toolbox: boolean;
}

const tools = (...command: string[]): ImageFacts => ({
  entrypoint: [],
  command,
  exposed: [],
  toolbox: true,
});

const server = (
  entrypoint: readonly string[],
  command: readonly string[],
  ...exposed: string[]
): ImageFacts => ({
  entrypoint,
  command,
  exposed,
  toolbox: false,
});

const IMAGES: ReadonlyMap<string, ImageFacts> = new Map([
  ["docker.io/library/alpine", tools("/bin/sh")],
  ["docker.io/library/busybox", tools("sh")],
  ["docker.io/library/bash", tools("bash")],
  ["docker.io/library/debian", tools("bash")],
  ["docker.io/library/ubuntu", tools("/bin/bash")],
  ["docker.io/library/fedora", tools("/bin/bash")],
  ["docker.io/nicolaka/netshoot", tools("bash")],
  ["docker.io/curlimages/curl", { ...tools(), entrypoint: ["curl"] }],
  ["docker.io/library/nginx", server(["/docker-entrypoint.sh"], ["nginx", "-g", "daemon off;"], "80/tcp")],
  ["docker.io/library/httpd", server([], ["httpd-foreground"], "80/tcp")],
  ["docker.io/library/caddy", server([], ["caddy", "run"], "80/tcp", "443/tcp", "443/udp", "2019/tcp")],
  ["docker.io/library/redis", server(["docker-entrypoint.sh"], ["redis-server"], "6379/tcp")],
  ["docker.io/library/postgres", server(["docker-entrypoint.sh"], ["postgres"], "5432/tcp")],
  ["docker.io/library/mysql", server(["docker-entrypoint.sh"], ["mysqld"], "3306/tcp", "33060/tcp")],
  ["docker.io/traefik/whoami", server(["/whoami"], [], "80/tcp")],
  ["docker.io/containous/whoami", server(["/whoami"], [], "80/tcp")],
  ["docker.io/hashicorp/http-echo", server(["/http-echo"], [], "5678/tcp")],
  ["registry.k8s.io/pause", server(["/pause"], [])],
  ["docker.io/kennethreitz/httpbin", server([], ["gunicorn"], "80/tcp")],
]);

const UNKNOWN: ImageFacts = { entrypoint: [], command: [], exposed: [], toolbox: false };

/** An image that is not known has no entrypoint, no command and no ports here. */
export function imageFacts(reference: string): ImageFacts {
  return IMAGES.get(repositoryOf(reference)) ?? UNKNOWN;
}
