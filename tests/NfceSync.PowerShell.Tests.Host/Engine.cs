using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;

using Shell = System.Management.Automation.PowerShell;

namespace NfceSync.PowerShell.Tests;

/// <summary>What one script wrote to each stream.</summary>
/// <param name="Output">The objects.</param>
/// <param name="Errors">Non-terminating errors, then the terminating one if there was one.</param>
/// <param name="Terminated">Whether a terminating error ended the script.</param>
/// <param name="Stopped">Whether it was stopped (Ctrl+C).</param>
/// <param name="Streams">Verbose, debug, warning, information and progress.</param>
public sealed record EngineResult(
    IReadOnlyList<PSObject> Output,
    IReadOnlyList<ErrorRecord> Errors,
    bool Terminated,
    bool Stopped,
    PSDataStreams Streams)
{
    /// <summary>The objects' base objects.</summary>
    public IEnumerable<object> Values => Output.Select(item => item.BaseObject);

    /// <summary>The error ids without the command's name.</summary>
    public IEnumerable<string> ErrorIds => Errors.Select(error => error.FullyQualifiedErrorId.Split(',')[0]);

    /// <summary>The one object, when no error was written.</summary>
    /// <exception cref="InvalidOperationException">An error was written, or not exactly one object.</exception>
    public PSObject One() => Errors.Count == 0
        ? Output.Single()
        : throw new InvalidOperationException(string.Join(Environment.NewLine, Errors.Select(error => error.ToString() + error.ScriptStackTrace)));
}

/// <summary>
/// The real engine in this process, as a console would hold it: one runspace on its own thread with the culture of a user.
/// </summary>
public sealed partial class Engine : IDisposable
{
    private readonly Runspace _runspace;
    private readonly CultureInfo _culture;

    /// <param name="host">The host; a new one if null.</param>
    /// <param name="culture">The user's culture, e.g. <c>pt-BR</c>. It must be the pipeline thread's: a host's is not looked at.</param>
    /// <param name="module">The module to import; null for the built module, empty for none.</param>
    public Engine(EngineHost? host = null, string culture = "en-US", string? module = null)
    {
        Host = host ?? new EngineHost();
        _culture = CultureInfo.GetCultureInfo(culture);
        var state = InitialSessionState.CreateDefault2();
        if (OperatingSystem.IsWindows())
        {
            state.ExecutionPolicy = Microsoft.PowerShell.ExecutionPolicy.Bypass;
        }

        _runspace = RunspaceFactory.CreateRunspace(Host, state);
        _runspace.ThreadOptions = PSThreadOptions.UseCurrentThread;
        _runspace.Open();
        if (module != "")
        {
            Import(module ?? ModulePath);
        }
    }

    /// <summary>The host in which everything runs.</summary>
    public EngineHost Host { get; }

    /// <summary>The manifest of the module as the build has left it.</summary>
    public static string ModulePath { get; } = Path.Combine(RepositoryRoot(), "artifacts", "NfceSync.PowerShell", "NfceSync.PowerShell.psd1");

    /// <summary>The folder with the solution.</summary>
    public static string RepositoryRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "NfceSync.PowerShell.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new DirectoryNotFoundException("The tests do not lie below the repository.");
    }

    /// <summary>Imports a module.</summary>
    /// <exception cref="InvalidOperationException">The import wrote an error.</exception>
    public void Import(string path)
    {
        EngineResult result = Run("Import-Module -Name $args[0] -Force -ErrorAction Stop", path);
        if (result.Errors.Count > 0)
        {
            throw new InvalidOperationException(result.Errors[0] + Environment.NewLine + result.Errors[0].Exception);
        }
    }

    /// <summary>Runs a script to its end; the arguments are its <c>$args</c>.</summary>
    public EngineResult Run(string script, params object[] arguments) => Start(script, arguments).Result();

    /// <summary>Starts a script, to be stopped or waited for.</summary>
    public EngineRun Start(string script, params object[] arguments) => new(_runspace, _culture, script, arguments);

    /// <summary>What a console of the host's width shows for the script, without colours.</summary>
    public string Show(string script, params object[] arguments)
    {
        int start = Host.Text.Length;
        EngineResult result = Run("& {" + script + "} @args | Out-Default", arguments);
        return result.Errors.Count == 0
            ? Colours().Replace(Host.Text[start..], "")
            : throw new InvalidOperationException(result.Errors[0].ToString());
    }

    public void Dispose() => _runspace.Dispose();

    [GeneratedRegex("\u001b\\[[0-9;]*m")]
    private static partial Regex Colours();
}

/// <summary>A script under way.</summary>
public sealed class EngineRun
{
    private readonly Shell _shell;
    private readonly TaskCompletionSource _firstOutput = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task<EngineResult> _task;

    internal EngineRun(Runspace runspace, CultureInfo culture, string script, object[] arguments)
    {
        _shell = Shell.Create(runspace).AddScript(script);
        foreach (object argument in arguments)
        {
            _shell.AddArgument(argument);
        }

        Output.DataAdded += (_, _) => _firstOutput.TrySetResult();
        _task = Task.Factory.StartNew(
            () => Invoke(culture), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>The objects written so far.</summary>
    public PSDataCollection<PSObject> Output { get; } = [];

    /// <summary>Ends when the first object is written; the script is then under way.</summary>
    public Task FirstOutput => _firstOutput.Task;

    /// <summary>Waits for the end.</summary>
    public EngineResult Result() => _task.GetAwaiter().GetResult();

    /// <summary>Waits for the end.</summary>
    public Task<EngineResult> ResultAsync() => _task;

    /// <summary>What Ctrl+C does: returns when the pipeline has ended.</summary>
    public void Stop() => _shell.Stop();

    private EngineResult Invoke(CultureInfo culture)
    {
        CultureInfo.CurrentCulture = culture;
        CultureInfo.CurrentUICulture = culture;
        ErrorRecord? terminating = null;
        try
        {
            _shell.Invoke(null, Output);
        }
        catch (RuntimeException exception) when (!Stopped())
        {
            terminating = exception.ErrorRecord;
        }
        catch (PipelineStoppedException) when (Stopped())
        {
            terminating = null;
        }

        ErrorRecord[] errors = terminating is null ? [.. _shell.Streams.Error] : [.. _shell.Streams.Error, terminating];
        return new EngineResult([.. Output], errors, terminating is not null, Stopped(), _shell.Streams);

        bool Stopped() => _shell.InvocationStateInfo.State == PSInvocationState.Stopped;
    }
}
