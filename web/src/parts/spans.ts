/** Times a load graph can show, in seconds as the segmented control wants them; the data plane keeps six hours. */
export const SPANS = [
  { value: '300', label: '5 min' },
  { value: '3600', label: '1 h' },
  { value: '21600', label: '6 h' },
];
