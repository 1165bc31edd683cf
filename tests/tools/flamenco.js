// What Flamenco's manager gives a job type's script, and what it takes from it: its functions and
// no others. It reads settings from stdin and writes the tasks to stdout.
"use strict";
const fs = require("fs");
const vm = require("vm");

const script = fs.readFileSync(process.argv[2], "utf8");
const given = JSON.parse(fs.readFileSync(0, "utf8"));
const TASK_TYPES = ["blender", "ffmpeg", "file-management", "misc"];
const SETTING_TYPES = { string: "string", int32: "number", float: "number", bool: "boolean" };
const SETTING_KEYS = ["key", "type", "subtype", "required", "default", "description", "choices",
    "visible", "editable", "eval", "evalInfo", "propargs", "label"];
const SUBTYPES = ["file_path", "dir_path", "file_name", "hashed_file_path"];
const VISIBILITIES = ["visible", "hidden", "submission", "web"];

function check(holds, said) {
    if (!holds) {
        throw new Error(said);
    }
}

class Command {
    constructor(name, parameters) {
        check(typeof name === "string" && parameters !== null, "a command has a name and parameters");
        Object.assign(this, { name, parameters });
    }
}

class Task {
    constructor(name, type) {
        check(TASK_TYPES.includes(type), `${type} is no type of task`);
        Object.assign(this, { name, type, commands: [], dependencies: [] });
    }
    addCommand(command) {
        check(command instanceof Command, "that is no command");
        this.commands.push(command);
    }
    addDependency(task) {
        check(task instanceof Task, "that is no task");
        this.dependencies.push(task);
    }
}

function readSettings(type) {
    check(typeof type.label === "string", "a job type has a label");
    const settings = {};
    for (const setting of type.settings) {
        for (const key of Object.keys(setting)) {
            check(SETTING_KEYS.includes(key), `a setting has no ${key}`);
        }
        const kind = SETTING_TYPES[setting.type];
        check(kind, `${setting.type} is no type of setting`);
        check(!setting.subtype || SUBTYPES.includes(setting.subtype), "no such subtype");
        check(!setting.visible || VISIBILITIES.includes(setting.visible), "no such visibility");
        const value = setting.key in given ? given[setting.key] : setting.default;
        check(value !== undefined || !setting.required, `${setting.key} is required`);
        check(value === undefined || typeof value === kind, `${setting.key} is no ${kind}`);
        settings[setting.key] = value;
    }
    return settings;
}

const author = {
    Task: (name, type) => new Task(name, type),
    Command: (name, parameters) => new Command(name, parameters),
};
const context = vm.createContext({ author, print: () => {}, alert: () => {} });
vm.runInContext(script, context);
const tasks = [];
const job = {
    id: "1", type: "texcore", name: "test", priority: 50, created: new Date(), metadata: {},
    settings: readSettings(vm.runInContext("JOB_TYPE", context)),
    addTask(task) {
        check(task instanceof Task, "that is no task");
        tasks.push(task);
    },
};
context.job = job;
vm.runInContext("compileJob(job)", context);
for (const task of tasks) {
    task.dependencies = task.dependencies.map((other) => {
        check(tasks.includes(other), `${task.name} waits for a task that is not in the job`);
        return other.name;
    });
}
process.stdout.write(JSON.stringify(tasks));
