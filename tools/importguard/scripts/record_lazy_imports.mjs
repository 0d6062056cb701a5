// Records what a real Python 3.15 loads for each program of ../tests/lazy_imports.toml: a fresh interpreter each, in Node.
//
//   npm install --no-save pyodide@315.0.0-alpha.2 && node record_lazy_imports.mjs
//
// Writes ../tests/lazy_imports_recorded.json.
import { readFileSync, writeFileSync } from "node:fs";
import { loadPyodide } from "pyodide";

const here = new URL("../tests/", import.meta.url);
const corpus = readFileSync(new URL("lazy_imports.toml", here), "utf8");
const record = `
import importlib, json, os, sys, tomllib
corpus = tomllib.loads(text)
os.makedirs("/app/pkg/deep")
for name, content in corpus["files"].items():
    with open("/app/" + name, "w") as file:
        file.write(content)
names = list(corpus["programs"])
own = [name[:-3].replace("/", ".").removesuffix(".__init__") for name in corpus["files"]]
def run(index):
    program = corpus["programs"][names[index]]
    with open("/app/app.py", "w") as file:
        file.write(program["code"])
    sys.path.insert(0, "/app")
    importlib.invalidate_caches()
    sys.set_lazy_imports(program.get("mode", "normal"))
    try:
        importlib.import_module("app")
    except SyntaxError as error:
        return json.dumps({"error": "SyntaxError"})
    return json.dumps({"loaded": sorted(name for name in own if name in sys.modules)})
`;
const programs = {};
let version = "";
for (let index = 0, count = 1; index < count; index++) {
  const python = await loadPyodide();
  python.globals.set("text", corpus);
  python.runPython(record);
  count = python.runPython("len(names)");
  version = python.runPython("sys.version.split()[0]");
  programs[python.runPython(`names[${index}]`)] = JSON.parse(python.runPython(`run(${index})`));
}
const text = JSON.stringify({ python: version, programs }, null, 1) + "\n";
writeFileSync(new URL("lazy_imports_recorded.json", here), text);
console.log(`${Object.keys(programs).length} programs recorded with Python ${version}`);
