// AniDoc's job type for Flamenco 3. Copy this file into the folder "scripts" beside the flamenco-manager program.
//
// A job is a list of AniDoc job folders. The list is checked first, then its shots are coloured in chunks, then one page
// reports on all of them. Every command is "anidoc batch", which may be stopped and run again at any time: it skips what is
// finished. Flamenco runs scripts in goja, so this is plain ECMAScript 5.1 with const, as its own scripts are written.

const JOB_TYPE = {
    label: "AniDoc Colorize",
    description: "Colour the shots in AniDoc job folders, and report on one page",
    settings: [
        {
            key: "list", type: "string", subtype: "file_path", required: true, visible: "visible",
            description: "Text file on the shared storage with the path of an AniDoc job folder in each line"
        },
        {
            key: "shots", type: "int32", required: true, visible: "visible", propargs: {min: 1},
            description: "How many job folders the list names"
        },
        {
            key: "report", type: "string", subtype: "dir_path", required: true, visible: "visible",
            description: "Folder on the shared storage for the report page"
        },
        {
            key: "chunk_size", type: "int32", default: 4, visible: "visible", propargs: {min: 1, max: 1000},
            description: "Shots in one task. The engine is loaded once for each task"
        },
        {
            key: "device", type: "string", default: "any", visible: "visible", choices: ["any", "cpu", "gpu"],
            description: "Which workers colour: any that do 'misc' tasks, or those set up for 'anidoc-cpu' or 'anidoc-gpu' tasks"
        },
        {
            key: "workers", type: "int32", default: 1, visible: "hidden", propargs: {min: 1, max: 64},
            description: "Processes at work side by side on each machine"
        },
        {
            key: "anidoc", type: "string", default: "{anidoc}", visible: "hidden",
            description: "The anidoc program; a variable of the Manager's configuration says where it lies on each platform"
        }
    ]
};

const COLOUR_TASKS = {any: "misc", cpu: "anidoc-cpu", gpu: "anidoc-gpu"};

// Flamenco calls this with the job; it adds the tasks. What is wrong with the settings is thrown as a sentence.
function compileJob(job) {
    const wanted = readSettings(job.settings || {});

    const check = task("check", "misc", wanted, ["--check", "--expect", String(wanted.shots)]);
    job.addTask(check);

    const collect = task("report", "misc", wanted, ["--collect", "--report", wanted.report, "--title", job.name || "AniDoc"]);
    for (var first = 1; first <= wanted.shots; first += wanted.chunk) {
        const last = Math.min(first + wanted.chunk - 1, wanted.shots);
        const part = first === last ? String(first) : first + "-" + last;
        const colour = task("colour " + part, COLOUR_TASKS[wanted.device], wanted, [
            "--only", part, "--workers", String(wanted.workers), "--report", wanted.report + "/shots-" + part
        ]);
        colour.addDependency(check);
        collect.addDependency(colour);
        job.addTask(colour);
    }
    job.addTask(collect);
}

function task(name, type, wanted, options) {
    const made = author.Task(name, type);
    made.addCommand(author.Command("exec", {exe: wanted.anidoc, args: ["batch", wanted.list].concat(options)}));
    return made;
}

function readSettings(settings) {
    const list = text(settings.list, "", "The list of job folders is missing");
    const report = text(settings.report, "", "The folder for the report is missing").replace(/[\/\\]+$/, "");
    const device = text(settings.device, "any", "The device is missing");
    if (!COLOUR_TASKS.hasOwnProperty(device)) {
        throw new Error("The device '" + device + "' is not one of any, cpu, gpu");
    }
    return {
        list: list,
        report: report,
        device: device,
        anidoc: text(settings.anidoc, "{anidoc}", "The anidoc program is missing"),
        shots: whole(settings.shots, 0, 100000, "The number of shots"),
        chunk: whole(settings.chunk_size, 4, 1000, "The number of shots in one task"),
        workers: whole(settings.workers, 1, 64, "The number of processes on each machine")
    };
}

function text(value, otherwise, complaint) {
    const given = value === undefined || value === null ? otherwise : value;
    if (typeof given !== "string" || !given.trim()) {
        throw new Error(complaint);
    }
    return given.trim();
}

function whole(value, otherwise, most, what) {
    const given = value === undefined || value === null ? otherwise : value;
    if (typeof given !== "number" || Math.floor(given) !== given || given < 1 || given > most) {
        throw new Error(what + " has to be a whole number from 1 to " + most + ", and is " + given);
    }
    return given;
}
