using System;
using System.Diagnostics;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Threading.Tasks;

using Shell = System.Management.Automation.PowerShell;

namespace NfceSync.PowerShell.Tests;

/// <summary>
/// A remote session: the engine in another process, reached with PowerShell's own remoting protocol over a named pipe.
/// Objects come back as <c>Deserialized.*</c>, prompts come to this side's host.
/// </summary>
public sealed class RemoteEngine : IDisposable
{
    private readonly Process _process;
    private readonly Runspace _runspace;

    private RemoteEngine(Process process, Runspace runspace, EngineHost host)
    {
        _process = process;
        _runspace = runspace;
        Host = host;
    }

    /// <summary>The host on this side.</summary>
    public EngineHost Host { get; }

    /// <summary>The session as <c>Invoke-Command -Session</c> takes it.</summary>
    public PSSession Session => PSSession.Create(_runspace, "NamedPipe", null);

    /// <summary>Starts the other process and opens the session.</summary>
    /// <param name="host">The host on this side; a new one if null.</param>
    /// <param name="module">The module to import there; null for the built module.</param>
    /// <param name="computerName">What the other process is called; null for <c>localhost</c>.</param>
    public static async Task<RemoteEngine> ConnectAsync(EngineHost? host = null, string? module = null, string? computerName = null)
    {
        host ??= new EngineHost();
        string pipe = "nfce" + Guid.NewGuid().ToString("N")[..8];
        Process process = EngineProcess.Start("serve", pipe);
        string? ready = await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(1));
        if (ready != "ready")
        {
            throw new InvalidOperationException(await process.StandardError.ReadToEndAsync());
        }

        Runspace runspace = RunspaceFactory.CreateRunspace(
            computerName is null ? new NamedPipeConnectionInfo(pipe) : new NamedPipeComputer(pipe, computerName),
            host,
            TypeTable.LoadDefaultTypeFiles());
        runspace.Open();
        var engine = new RemoteEngine(process, runspace, host);
        EngineResult import = engine.Run("Import-Module -Name $args[0] -ErrorAction Stop", module ?? Engine.ModulePath);
        return import.Errors.Count == 0 ? engine : throw new InvalidOperationException(import.Errors[0].ToString());
    }

    /// <summary>Runs a script there to its end; the arguments are its <c>$args</c>.</summary>
    public EngineResult Run(string script, params object[] arguments)
    {
        using Shell shell = Shell.Create(_runspace).AddScript(script);
        foreach (object argument in arguments)
        {
            shell.AddArgument(argument);
        }

        var output = new PSDataCollection<PSObject>();
        ErrorRecord[] terminating = [];
        try
        {
            shell.Invoke(null, output);
        }
        catch (RuntimeException exception)
        {
            terminating = [exception.ErrorRecord];
        }

        return new EngineResult([.. output], [.. shell.Streams.Error, .. terminating], terminating.Length > 0, false, shell.Streams);
    }

    /// <summary>Ends the other process at once, as a power cut would.</summary>
    public void Kill() => _process.Kill();

    public void Dispose()
    {
        _runspace.Dispose();

        // The other side ends with its standard input.
        _process.StandardInput.Close();
        _process.WaitForExit(TimeSpan.FromSeconds(10));
        _process.Dispose();
    }
}
