using System.Diagnostics;
using System.IO;

using NfceSync.Core.Tests.Mono.Helper;
using NfceSync.SefazSimulator;

// The tests' certificates, notes and SEFAZ need .NET 10: they are made here, and the command that is given finds them by its
// environment.
string folder = Directory.CreateTempSubdirectory("nfcesync-mono-").FullName;
try
{
    using var authority = TestAuthority.Create();
    SourceFiles.Write(folder, authority);
    await using var simulator = await SefazSimulator.StartAsync(new SimulatorOptions { ControlPort = 0 }, authority);

    var start = new ProcessStartInfo(args[0], args[1..]);
    start.Environment["NFCESYNC_MONO_FOLDER"] = folder;
    start.Environment["NFCESYNC_MONO_SEFAZ"] = simulator.BaseAddress.ToString();
    start.Environment["NFCESYNC_MONO_CONTROL"] = simulator.ControlAddress!.ToString();
    using Process tests = Process.Start(start)!;
    await tests.WaitForExitAsync();
    return tests.ExitCode;
}
finally
{
    Directory.Delete(folder, recursive: true);
}
