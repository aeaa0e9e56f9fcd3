// Reads [{"grammar": "trino", "sql": "..."}] from standard input and prints what each
// grammar says against its statement, [""] when nothing. The package is found beside
// the working directory: it is installed into a cache, never here.
import { createRequire, register } from 'node:module';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

// The package is written for bundlers and leaves ".js" and "/index.js" out.
register('data:text/javascript,' + encodeURIComponent(`
export async function resolve(specifier, context, next) {
  let failed;
  for (const end of ['', '.js', '/index.js']) {
    try { return await next(specifier + end, context) } catch (err) { failed ??= err }
  }
  throw failed;
}`));

const require = createRequire(process.cwd() + '/');
const { HiveSQL, SparkSQL, TrinoSQL } = await import(pathToFileURL(require.resolve('dt-sql-parser')));
const grammars = { hive: new HiveSQL(), spark: new SparkSQL(), trino: new TrinoSQL() };

const answers = JSON.parse(readFileSync(0, 'utf8')).map(({ grammar, sql }) => {
  const [first] = grammars[grammar].validate(sql);
  return first ? `line ${first.startLine}: ${first.message}` : '';
});
process.stdout.write(JSON.stringify(answers));
