/** An exFAT file system in a file, mounted through FUSE. @module */

import { hasProgram } from "./programs.ts";

/** Whether there can be one: the programs are there, and they may mount. */
export const hasExfat: boolean = Deno.uid() === 0 && exists("/dev/fuse") &&
  ["mkfs.exfat", "mount.exfat-fuse", "losetup", "umount"].every((name) =>
    hasProgram(name) || exists(`/usr/sbin/${name}`)
  );

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

function run(program: string, ...args: string[]): string {
  const PATH = `${Deno.env.get("PATH")}:/usr/sbin:/sbin`;
  const { success, stdout, stderr } = new Deno.Command("env", {
    args: [`PATH=${PATH}`, program, ...args],
  }).outputSync();
  const text = new TextDecoder();
  if (!success) throw new Error(`${program} ${args.join(" ")}: ${text.decode(stderr)}`);
  return text.decode(stdout).trim();
}

/** Gives an empty file system of 64 MiB, which does not outlive the test. */
export async function onExfat<T>(test: (folder: string) => Promise<T>): Promise<T> {
  const place = Deno.makeTempDirSync({ prefix: "decant-test-" });
  try {
    using image = Deno.openSync(`${place}/image`, { write: true, createNew: true });
    image.truncateSync(64 << 20);
    run("mkfs.exfat", `${place}/image`);
    const device = run("losetup", "--find", "--show", `${place}/image`);
    try {
      Deno.mkdirSync(`${place}/mounted`);
      run("mount.exfat-fuse", device, `${place}/mounted`);
      try {
        return await test(`${place}/mounted`);
      } finally {
        run("umount", `${place}/mounted`);
      }
    } finally {
      run("losetup", "--detach", device);
    }
  } finally {
    Deno.removeSync(place, { recursive: true });
  }
}
