import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Program } from './program.ts';

/** Mozilla's “intermediate” suites, the ones Ballast uses. */
const TLS12 =
  'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305';

export interface Ports {
  http: number;
  https: number;
}

/** The web server behind all proxies: a small answer from memory. */
export async function backend(folder: string, port: number): Promise<Program> {
  return nginx(
    join(folder, 'backend'),
    port,
    `server {
    listen 127.0.0.1:${port} backlog=4096;
    location / { default_type text/plain; return 200 "${'x'.repeat(511)}\\n"; }
  }`,
  );
}

/** The same service as somebody writes it by hand who only wants the traffic to pass: the servers learn the client's address. */
export async function bareHaproxy(folder: string, pem: string, ports: Ports, backendPort: number): Promise<Program> {
  const file = join(folder, 'haproxy.cfg');
  writeFileSync(
    file,
    `global
  ssl-default-bind-options ssl-min-ver TLSv1.2
  ssl-default-bind-ciphers ${TLS12}
defaults
  mode http
  option forwardfor
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend plain
  bind 127.0.0.1:${ports.http}
  default_backend servers
frontend tls
  bind 127.0.0.1:${ports.https} ssl crt ${pem} alpn h2,http/1.1
  default_backend servers
backend servers
  server s1 127.0.0.1:${backendPort}
`,
  );
  const program = new Program('haproxy', ['-db', '-f', file]);
  await program.listens(ports.https);
  return program;
}

export async function nginxProxy(folder: string, pem: string, ports: Ports, backendPort: number): Promise<Program> {
  return nginx(
    join(folder, 'nginx'),
    ports.https,
    `upstream servers { server 127.0.0.1:${backendPort}; keepalive 128; }
  server {
    listen 127.0.0.1:${ports.http} backlog=4096;
    listen 127.0.0.1:${ports.https} ssl http2 backlog=4096;
    ssl_certificate ${pem};
    ssl_certificate_key ${pem};
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_ciphers ${TLS12};
    location / {
      proxy_pass http://servers;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $remote_addr;
    }
  }`,
  );
}

/** Debian's nginx with a configuration, a folder and a pid file of its own. */
async function nginx(folder: string, port: number, http: string): Promise<Program> {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const file = join(folder, 'nginx.conf');
  writeFileSync(
    file,
    `daemon off;
worker_processes auto;
worker_rlimit_nofile 20000;
pid ${join(folder, 'pid')};
error_log stderr error;
events { worker_connections 8192; }
http {
  access_log off;
  keepalive_requests 100000000;
  ${temporary.map(name => `${name}_temp_path ${join(folder, name)};`).join('\n  ')}
  ${http}
}
`,
  );
  const program = new Program('nginx', ['-p', folder, '-e', 'stderr', '-c', file]);
  await program.listens(port);
  return program;
}
