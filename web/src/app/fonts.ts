/** The letters of the interface. They come beside the screen, never before it: until then the machine's own stand in. */
import '@fontsource/noto-sans-jp/400.css';
import '@fontsource/noto-sans-jp/600.css';
