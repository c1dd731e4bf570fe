import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/**
 * Takes line breaks and indentation between and inside tags out of templates: they are layout for developers.
 * What people read comes into templates as values, and is not touched.
 */
const tightTemplates: Plugin = {
  name: 'tight-templates',
  transform: (code, id) =>
    id.includes('/src/view/') || id.endsWith('/src/element.ts')
      ? code
          .replace(/>\s*\n\s*(?=<|\$\{)/g, '>')
          .replace(/\}\s*\n\s*(?=<)/g, '}')
          .replace(/\s*\n\s*(?=[@.?]?[a-z-]+=["$])/g, ' ')
          .replace(/\s*\n\s*(?=>)/g, '')
      : undefined,
};

/** What this widget never uses of socket.io stays out: binary frames, WebTransport, XMLHttpRequest. */
const LEAN = [
  { find: 'socket.io-parser', replacement: here('./src/wire/parser.ts') },
  { find: 'engine.io-parser', replacement: here('./src/wire/frames.ts') },
  { find: /^\.\/transports\/index\.js$/, replacement: here('./src/wire/transports.ts') },
];

/** One ES module without imports, the same bytes for the same sources. */
export default defineConfig(({ command }) => ({
  plugins: [tightTemplates],
  resolve: { alias: command === 'build' ? LEAN : [] },
  build: {
    target: 'es2020',
    // Style sheets as they are written: older browsers than these lack what the script needs anyway.
    cssTarget: ['chrome105', 'firefox115', 'safari16'],
    minify: 'terser',
    terserOptions: {
      module: true,
      ecma: 2020,
      compress: { passes: 3, module: true, unsafe_arrows: true, pure_getters: true },
      // Members that start with an underscore are private to lit and socket.io, both in this bundle.
      mangle: { properties: { regex: /^_/ } },
      format: { comments: false },
    },
    modulePreload: false,
    reportCompressedSize: false,
    // Modules of socket.io and engine.io do nothing but define: one that nobody asks for can go.
    rolldownOptions: {
      checks: { pluginTimings: false },
      treeshake: { moduleSideEffects: (id) => !/\/(socket|engine)\.io-client\//.test(id) },
    },
    lib: { entry: 'src/entry.ts', formats: ['es'], fileName: () => 'long-covid-guide.js' },
  },
}));
