using System;
using System.Globalization;
using System.IO;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Threading.Tasks;
using NfceSync.SefazSimulator;

ProgramOptions arguments;
try
{
    arguments = ProgramOptions.Parse(args);
}
catch (FormatException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    await Console.Error.WriteLineAsync(ProgramText.Get("Usage"));
    return 2;
}

if (arguments.Help)
{
    Console.WriteLine(ProgramText.Get("Usage"));
    return 0;
}

var folder = Directory.CreateDirectory(arguments.Folder ?? Path.Combine(Path.GetTempPath(), "nfcesync-simulator")).FullName;
var password = arguments.Password ?? RandomNumberGenerator.GetHexString(16, lowercase: true);
using var authority = TestAuthority.LoadOrCreate(Path.Combine(folder, "authority"));
var rootPath = Path.Combine(folder, "root.pem");
var pfxPath = Path.Combine(folder, $"{arguments.IssuerId}.pfx");
var notesFolder = Directory.CreateDirectory(Path.Combine(folder, "notes")).FullName;
authority.WriteRoot(rootPath);
TestAuthority.WritePfx(pfxPath, authority.Issue(arguments.IssuerId), password);

// Numbers go on where an earlier run of the same folder stopped, so that its notes are not issued twice.
var existing = Directory.GetFiles(notesFolder, "*-nfe.xml").Length;
var factory = new NoteFactory(authority);
foreach (var note in factory.CreateMany(new NoteRequest { IssuerId = arguments.IssuerId, Uf = arguments.Uf, Number = existing + 1 }, arguments.Notes))
{
    File.WriteAllBytes(Path.Combine(notesFolder, note.FileName), note.Bytes.ToArray());
}

var options = new SimulatorOptions
{
    Port = arguments.Port,
    ControlPort = arguments.ControlPort,
    Uf = arguments.Uf,
    StateFile = Path.Combine(folder, "state.jsonl"),
    SchemaFolder = arguments.Schemas,
    WireLogFolder = arguments.WireLog,
};
NfceSync.SefazSimulator.SefazSimulator started;
try
{
    started = await NfceSync.SefazSimulator.SefazSimulator.StartAsync(options, authority);
}
catch (IOException e)
{
    await Console.Error.WriteLineAsync(ProgramText.Get("NotStarted", e.Message));
    return 1;
}

await using var simulator = started;
simulator.Faults.Add([.. arguments.Faults]);

Console.WriteLine(ProgramText.Get("Started"));
Print("Services", simulator.BaseAddress.ToString());
Print("Control", simulator.ControlAddress!.ToString());
Print("Root", rootPath);
Print("Pfx", pfxPath);
if (arguments.Password is null)
{
    Print("Password", password);
}

Print("Notes", string.Create(CultureInfo.CurrentCulture, $"{notesFolder} ({arguments.Notes})"));
Console.WriteLine(ProgramText.Get("HowToEnd"));

var ended = new TaskCompletionSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    ended.TrySetResult();
};
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
{
    context.Cancel = true;
    ended.TrySetResult();
});
await ended.Task;
Console.WriteLine(ProgramText.Get("Ended"));
return 0;

static void Print(string id, string value) => Console.WriteLine("  " + ProgramText.Get(id) + ": " + value);
