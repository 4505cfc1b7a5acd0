import { useMediaQuery } from '@mantine/hooks';

/** Is the window too narrow for every column of a wide table? */
export const useNarrow = (): boolean => useMediaQuery('(max-width: 1240px)', false, { getInitialValueInEffect: false });
