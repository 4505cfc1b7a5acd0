import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Screen } from './screen.ts';

export interface Wanted {
  /** Where sockets, logs and the disk of this machine lie. */
  folder: string;
  /** The image; what is written goes to a layer of its own unless `disk` is there already. */
  image: string;
  /** QEMU's networks, each with a card of its own. */
  network?: readonly string[];
  /** Starts with UEFI, and with Secure Boot, instead of BIOS. */
  firmware?: 'bios' | 'uefi' | 'secure';
  memory?: number;
  /** A root shell on the third serial port, put there by the hypervisor's own means: the image has none. */
  shell?: boolean;
  /** Further arguments of QEMU. */
  more?: readonly string[];
}

/** A machine without KVM: about a hundred seconds of a processor until it serves. */
export class VirtualMachine {
  readonly screen: Screen;
  readonly #folder: string;
  readonly #child: ChildProcess;
  readonly #shell: Socket | undefined;
  #said = '';

  private constructor(folder: string, child: ChildProcess, screen: Screen, shell: Socket | undefined) {
    this.#folder = folder;
    this.#child = child;
    this.screen = screen;
    this.#shell = shell;
    shell?.on('data', chunk => {
      this.#said += chunk;
    });
  }

  static async start(wanted: Wanted): Promise<VirtualMachine> {
    const {
      folder,
      image,
      network = ['user,id=n0,restrict=on'],
      firmware = 'bios',
      memory = 1024,
      shell = true,
      more = [],
    } = wanted;
    mkdirSync(folder, { recursive: true });
    const disk = join(folder, 'disk.qcow2');
    if (!existsSync(disk)) must('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', image, '-F', 'qcow2', disk]);
    const at = (name: string) => join(folder, `${name}.sock`);
    for (const name of ['serial', 'shell', 'qmp']) rmSync(at(name), { force: true });
    const cards = network.flatMap((net, at) => [
      ...['-netdev', net, '-device', `virtio-net-pci,netdev=n${at},mac=52:54:00:12:34:5${6 + at}`],
    ]);
    const serial = (id: string) => [
      ...['-chardev', `socket,id=${id},path=${at(id)},server=on,wait=off,logfile=${join(folder, id)}.log`],
      ...['-serial', `chardev:${id}`],
    ];
    const child = spawn(
      'qemu-system-x86_64',
      [
        ...['-accel', 'tcg,thread=multi', '-smp', '2', '-m', String(memory), '-display', 'none', '-nodefaults'],
        ...['-vga', 'std', '-rtc', 'base=utc', ...machineOf(firmware, folder)],
        ...['-drive', `file=${disk},if=virtio,cache=writeback`],
        ...cards,
        ...serial('serial'),
        ...(shell ? [...serial('shell'), '-smbios', credential('systemd.extra-unit.test-shell.service', SHELL)] : []),
        ...(shell ? ['-smbios', credential('systemd.unit-dropin.multi-user.target', WANT)] : []),
        ...['-qmp', `unix:${at('qmp')},server=on,wait=off`, ...more],
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let refused = '';
    child.stderr?.on('data', chunk => {
      refused += chunk;
    });
    const line = await attach(at('serial'), child, () => refused);
    const root = shell ? await attach(at('shell'), child, () => refused) : undefined;
    return new VirtualMachine(folder, child, new Screen(line), root);
  }

  /** The lights go out. */
  async cut(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended();
  }

  async ended(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
  }

  /** Runs a line in the guest's root shell and returns what it printed. Throws after `patience` milliseconds. */
  async run(line: string, patience = 120_000): Promise<string> {
    if (!this.#shell) throw new Error('this machine was started without a shell');
    const mark = `done-${Math.random().toString(36).slice(2)}`;
    const from = this.#said.length;
    // The echo of the line has the mark in two parts, so that only the answer holds it whole.
    this.#shell.write(`${line}; echo "${mark.slice(0, 7)}""${mark.slice(7)}"=$?\n`);
    for (const end = Date.now() + patience; Date.now() < end; await sleep(100)) {
      const found = new RegExp(`${mark}=(\\d+)`).exec(this.#said.slice(from));
      if (!found) continue;
      return this.#said
        .slice(from, from + found.index)
        .replaceAll('\r', '')
        .replace(new RegExp(`^.*${mark.slice(0, 7)}"".*\n`), '')
        .trim();
    }
    throw new Error(`“${line}” did not end in time: ${this.#said.slice(from)}`);
  }

  /** Resolves when the root shell answers. */
  async shellReady(patience = 400_000): Promise<void> {
    for (const end = Date.now() + patience; ; await sleep(2_000)) {
      const answered = await this.run('true', 4_000).then(
        () => true,
        () => false,
      );
      if (answered) break;
      if (Date.now() > end) throw new Error('the guest did not start in time');
    }
    await this.run('stty -echo; export PATH=/usr/sbin:/usr/bin TERM=dumb PS1=; cd /');
  }

  /** One command of QEMU's own monitor. */
  async monitor(execute: string, args: object = {}): Promise<unknown> {
    const socket = connect(join(this.#folder, 'qmp.sock'));
    let said = '';
    const next = async (until: RegExp) => {
      for (const end = Date.now() + 60_000; Date.now() < end; await sleep(20)) {
        const found = said.split('\n').find(line => until.test(line));
        if (found) return JSON.parse(found) as { return?: unknown; error?: { desc: string } };
      }
      throw new Error(`QEMU did not answer ${execute}: ${said}`);
    };
    socket.on('data', chunk => {
      said += chunk;
    });
    try {
      await next(/"QMP"/);
      socket.write('{"execute":"qmp_capabilities"}\n');
      await next(/"return"/);
      said = '';
      socket.write(`${JSON.stringify({ execute, arguments: args })}\n`);
      const reply = await next(/"return"|"error"/);
      if (reply.error) throw new Error(reply.error.desc);
      return reply.return;
    } finally {
      socket.destroy();
    }
  }

  /** What the first console shows, as a PNG file. */
  async photograph(file: string): Promise<void> {
    const raw = `${file}.ppm`;
    await this.monitor('screendump', { filename: raw });
    const made = spawnSync('pnmtopng', [raw], { maxBuffer: 32 * 1024 * 1024 });
    if (made.status !== 0) throw new Error(`pnmtopng failed: ${made.stderr}`);
    writeFileSync(file, made.stdout);
    rmSync(raw, { force: true });
  }
}

const SHELL = `[Unit]
DefaultDependencies=no
After=systemd-udevd.service
[Service]
ExecStart=/bin/sh -i
StandardInput=tty-force
StandardOutput=tty
StandardError=tty
TTYPath=/dev/ttyS1
Restart=always
`;
const WANT = '[Unit]\nWants=test-shell.service\n';

const credential = (name: string, text: string) =>
  `type=11,value=io.systemd.credential.binary:${name}=${Buffer.from(text).toString('base64')}`;

function machineOf(firmware: 'bios' | 'uefi' | 'secure', folder: string): string[] {
  if (firmware === 'bios') return ['-machine', 'pc'];
  const secure = firmware === 'secure';
  const variables = join(folder, 'variables.fd');
  if (!existsSync(variables)) must('cp', [`/usr/share/OVMF/OVMF_VARS_4M${secure ? '.ms' : ''}.fd`, variables]);
  return [
    ...['-machine', secure ? 'q35,smm=on' : 'q35'],
    ...(secure ? ['-global', 'driver=cfi.pflash01,property=secure,value=on'] : []),
    ...['-drive', `if=pflash,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M${secure ? '.secboot' : ''}.fd`],
    ...['-drive', `if=pflash,format=raw,file=${variables}`],
  ];
}

async function attach(path: string, child: ChildProcess, why: () => string): Promise<Socket> {
  for (const end = Date.now() + 20_000; ; await sleep(50)) {
    if (child.exitCode !== null) throw new Error(`QEMU did not start: ${why()}`);
    const socket = connect(path);
    try {
      await once(socket, 'connect');
      socket.on('error', () => {});
      return socket.setEncoding('utf8');
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}

export function must(program: string, args: readonly string[]): void {
  const ran = spawnSync(program, args, { encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(`${program} failed: ${ran.error?.message ?? ran.stderr}`);
}
