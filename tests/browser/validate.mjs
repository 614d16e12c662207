// html-validate over the files named on the command line; its own CLI needs a newer Node than Debian's.
import { readFileSync } from "node:fs";
import { FileSystemConfigLoader, HtmlValidate } from "html-validate";

const [config, ...files] = process.argv.slice(2);
const checker = new HtmlValidate(new FileSystemConfigLoader([], JSON.parse(readFileSync(config, "utf8"))));
let wrong = 0;
for (const file of files) {
  const report = await checker.validateString(readFileSync(file, "utf8"), file);
  for (const { messages } of report.results) {
    for (const { line, column, ruleId, message } of messages) {
      console.log(`${file}:${line}:${column} ${ruleId}: ${message}`);
      wrong += 1;
    }
  }
}
process.exitCode = wrong ? 1 : 0;
