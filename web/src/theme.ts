import {
  ActionIcon,
  Button,
  type CSSVariablesResolver,
  createTheme,
  Drawer,
  Input,
  type MantineColorsTuple,
  Menu,
  Modal,
  MultiSelect,
  NativeSelect,
  Notification,
  NumberInput,
  PasswordInput,
  Select,
  Switch,
  Textarea,
  TextInput,
  Tooltip,
} from '@mantine/core';

/** The one accent: a sea blue that keeps 4.5:1 on white as text and under white text as a button. */
const sea: MantineColorsTuple = [
  '#edf4fb',
  '#dbe8f5',
  '#b4cfe9',
  '#88b4dd',
  '#639dd2',
  '#458bc8',
  '#2c74b3',
  '#1c5d99',
  '#174d80',
  '#123e68',
];

/** Greys of the dark scheme with a little of the accent in them, lightest first. */
const dark: MantineColorsTuple = [
  '#e3e7ec',
  '#b8c0c9',
  '#9ba6b2',
  '#8d98a4',
  '#404a56',
  '#2c343e',
  '#222831',
  '#1b2027',
  '#15191e',
  '#101317',
];

/** Mantine's own greys for quiet text miss 4.5:1; these are ours (theme.css), in both schemes. */
const text = {
  '--mantine-color-text': 'var(--text)',
  '--mantine-color-dimmed': 'var(--quiet)',
  '--mantine-color-placeholder': 'var(--quiet)',
  '--mantine-color-anchor': 'var(--accent)',
  '--mantine-color-error': 'var(--bad)',
};
export const variables: CSSVariablesResolver = () => ({ variables: {}, light: text, dark: text });

const dialog = {
  transitionProps: { duration: 80 },
  overlayProps: { backgroundOpacity: 0.35 },
  closeButtonProps: { 'aria-label': 'Close' },
};

const small = { defaultProps: { size: 'xs' } };

export const theme = createTheme({
  colors: { sea, dark },
  primaryColor: 'sea',
  primaryShade: { light: 7, dark: 6 },
  defaultRadius: 'sm',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", "Noto Sans", "Liberation Sans", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, "Cascadia Mono", "DejaVu Sans Mono", "Liberation Mono", monospace',
  fontSizes: { xs: '0.8125rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  spacing: { xs: '0.5rem', sm: '0.75rem', md: '1rem', lg: '1.25rem', xl: '2rem' },
  focusRing: 'auto',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    ActionIcon: ActionIcon.extend(small),
    Button: Button.extend({ defaultProps: { size: 'xs', fw: 500 } }),
    Input: Input.extend(small),
    InputWrapper: Input.Wrapper.extend(small),
    MultiSelect: MultiSelect.extend(small),
    NativeSelect: NativeSelect.extend(small),
    NumberInput: NumberInput.extend(small),
    PasswordInput: PasswordInput.extend(small),
    Select: Select.extend(small),
    Switch: Switch.extend(small),
    Textarea: Textarea.extend(small),
    TextInput: TextInput.extend(small),
    // Its placeholder is a child that a menu may not have (axe: aria-required-children).
    Menu: Menu.extend({ defaultProps: { withInitialFocusPlaceholder: false } }),
    Modal: Modal.extend({ defaultProps: dialog }),
    Drawer: Drawer.extend({ defaultProps: dialog }),
    Notification: Notification.extend({ defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 400, withArrow: true } }),
  },
});
