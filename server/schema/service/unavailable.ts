import { choice, longText, port, text } from '../fields.ts';

/** What clients get when no Real Server can take them. */
export const unavailableFields = {
  sorryAddress: text({
    label: 'Sorry Server',
    help: 'The address of a server that gets everything while no Real Server is available. It is not checked. Empty: none.',
    group: 'unavailable',
    compat: 'StandbyAddr',
    default: '',
    max: 45,
    pattern: '^(?:[0-9A-Fa-f:.]{2,45})?$',
  }),
  sorryPort: port({
    label: 'Sorry Server Port',
    help: 'Its port. 0: the port of the service.',
    group: 'unavailable',
    compat: 'StandbyPort',
    default: 0,
    min: 0,
  }),
  unavailableAction: choice({
    label: 'When No Server Is Available',
    help: 'What an HTTP client is told when no Real Server can take its request. Other clients are disconnected.',
    group: 'unavailable',
    default: 'error',
    options: [
      { value: 'error', label: 'Answer with an error' },
      { value: 'redirect', label: 'Redirect to a URL' },
    ],
  }),
  unavailableCode: choice({
    label: 'Error Code',
    help: 'The status of that answer.',
    group: 'unavailable',
    default: 503,
    options: [
      { value: 503, label: '503 Service Unavailable' },
      { value: 500, label: '500 Internal Server Error' },
      { value: 502, label: '502 Bad Gateway' },
      { value: 404, label: '404 Not Found' },
      { value: 403, label: '403 Forbidden' },
      { value: 200, label: '200 OK' },
    ],
  }),
  unavailableMessage: longText({
    label: 'Error Message',
    help: 'Plain text sent with the error. Empty: the engine’s own short page.',
    group: 'unavailable',
    default: '',
    max: 2048,
  }),
  unavailablePage: longText({
    label: 'Error Page',
    help: 'A page of HTML sent with the error in place of the message. Up to 12,000 bytes.',
    group: 'unavailable',
    default: '',
    max: 12_000,
  }),
  redirectCode: choice({
    label: 'Redirect Code',
    help: '302 and 307 are asked again each time; 301 and 308 are remembered by browsers.',
    group: 'unavailable',
    default: 302,
    options: [
      { value: 301, label: '301 Moved Permanently' },
      { value: 302, label: '302 Found' },
      { value: 303, label: '303 See Other' },
      { value: 307, label: '307 Temporary Redirect' },
      { value: 308, label: '308 Permanent Redirect' },
    ],
  }),
  redirectUrl: text({
    label: 'Redirect URL',
    help: 'Where to. %h stands for the host the client asked for, %s for its path and query.',
    group: 'unavailable',
    compat: 'ErrorUrl',
    default: '',
    max: 1024,
    pattern: '^$|^https?://[\\x21-\\x7e]{1,1016}$',
  }),
};
