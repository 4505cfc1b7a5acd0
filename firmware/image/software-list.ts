import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Component {
  type: 'library' | 'operating-system' | 'application';
  name: string;
  version: string;
  purl: string;
  licenses?: { expression: string }[];
}

/** What is in the image, as CycloneDX 1.6: Debian's packages, the boot loaders, and the Node packages that run. */
export function softwareList(
  packages: string,
  nodePackages: readonly { path: string; version: string; license: string }[],
  version: string,
  epoch: number,
): string {
  const rows = (file: string) =>
    readFileSync(join(packages, file), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map(line => line.split('\t'));
  const debian = (name = '', of = '', architecture = 'amd64'): Component => ({
    ...{ type: 'library', name, version: of },
    purl: `pkg:deb/debian/${name}@${encodeURIComponent(of)}?arch=${architecture}&distro=trixie`,
  });
  const npm = ({ path, version: of, license }: (typeof nodePackages)[number]): Component => {
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    return {
      ...{ type: 'library', name, version: of, purl: `pkg:npm/${name.replace('@', '%40')}@${of}` },
      ...(license && { licenses: [{ expression: license }] }),
    };
  };
  const components = [
    ...rows('packages.tsv').map(([name, of, architecture]) => debian(name, of, architecture)),
    ...rows('boot/versions.tsv').map(([name, of]) => debian(name, of)),
    ...nodePackages.map(npm),
  ];
  const unique = [...new Map(components.map(one => [one.purl, one])).values()].sort((a, b) =>
    a.purl < b.purl ? -1 : 1,
  );
  // The number follows from what it names, so that the same list has the same one.
  const mark = createHash('sha256').update(JSON.stringify(unique)).digest('hex');
  const serial = `${mark.slice(0, 8)}-${mark.slice(8, 12)}-4${mark.slice(13, 16)}-8${mark.slice(17, 20)}-${mark.slice(20, 32)}`;
  const list = {
    ...{ bomFormat: 'CycloneDX', specVersion: '1.6', serialNumber: `urn:uuid:${serial}`, version: 1 },
    metadata: {
      timestamp: new Date(epoch * 1000).toISOString(),
      component: { type: 'operating-system', name: 'Ballast', version, licenses: [{ expression: 'Apache-2.0' }] },
    },
    components: unique.map(one => ({ 'bom-ref': one.purl, ...one })),
  };
  return `${JSON.stringify(list, null, 1)}\n`;
}
