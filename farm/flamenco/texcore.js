// A job type of Flamenco, https://flamenco.blender.org: a queue of textures over a render farm.
//
// Put this file into the folder "scripts" beside flamenco-manager, and say in
// flamenco-manager.yaml what {texcore} is on the workers; docs/scale.md tells how.

const JOB_TYPE = {
    label: "Texcore Batch",
    description: "Make the textures that a queue lists, in parts, and put the reports together",
    settings: [
        { key: "queue", type: "string", subtype: "file_path", required: true,
            description: "The queue: JSON Lines, a JSON list or CSV, where all workers see it" },
        { key: "output", type: "string", subtype: "dir_path", required: true,
            description: "Folder for the textures, where all workers see it" },
        { key: "parts", type: "int32", default: 10, propargs: { min: 1, max: 9999 },
            description: "How many tasks; about four for each worker are a good number" },
        { key: "options", type: "string", default: "",
            description: "Further options, for rows that leave them out: --quality draft" },
        { key: "texcore", type: "string", default: "{texcore}", visible: "submission",
            description: "The program; a variable of the manager, or a path" },
    ],
};

function compileJob(job) {
    const settings = job.settings;
    const batch = ["batch", settings.queue, "--output", settings.output];
    const words = splitWords(settings.options);

    // It knows all rows, so it is the same command but for what it does.
    const merge = author.Task("merge-reports", "misc");
    merge.addCommand(makeCommand(settings, [...batch, ...words, "--merge"]));

    for (let number = 1; number <= settings.parts; number++) {
        const part = `${number}/${settings.parts}`;
        const task = author.Task(`textures-${number}-of-${settings.parts}`, "misc");
        task.addCommand(makeCommand(settings, [...batch, ...words, "--part", part]));
        merge.addDependency(task);
        job.addTask(task);
    }
    job.addTask(merge);
}

function makeCommand(settings, args) {
    return author.Command("exec", { exe: settings.texcore, args: args });
}

// Words are apart by blanks; those within quotation marks are one.
function splitWords(text) {
    const found = (text || "").match(/"[^"]*"|'[^']*'|\S+/g) || [];
    return found.map((word) => word.replace(/^(["'])(.*)\1$/, "$2"));
}
