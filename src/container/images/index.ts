import type { ImageSpec } from "../runtime/images.ts";
import { agnhostImages } from "./agnhost.ts";
import { databaseImages } from "./databases.ts";
import { echoImages } from "./echo.ts";
import { httpdImages } from "./httpd.ts";
import { nginxImages } from "./nginx.ts";
import { redisImages } from "./redis.ts";

/** The images that people try clusters with. */
export const KNOWN_IMAGES: readonly ImageSpec[] = [
  ...[...nginxImages, ...redisImages, ...httpdImages, ...echoImages].map((image) => ({
    ...image,
    stands: true,
  })),
  ...agnhostImages,
  ...databaseImages,
];
