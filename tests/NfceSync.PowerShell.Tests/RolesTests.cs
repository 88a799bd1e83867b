using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using System.Threading.Tasks;

using NfceSync.PowerShell.Tests.Cmdlets;
using NfceSync.SefazSimulator;

using Xunit;

using Shell = System.Management.Automation.PowerShell;

namespace NfceSync.PowerShell.Tests;

/// <summary>
/// The role capabilities as data, and their visibility in a runspace. The endpoint itself (Windows and WinRM) is tested by
/// tests/Pester/Endpoint.Tests.ps1.
/// </summary>
public class RolesTests
{
    private const string Technician = "NfceTechnician";
    private const string Viewer = "NfceViewer";

    // What a role may say at all. VisibleProviders, VisibleExternalCommands, ScriptsToProcess … are doors to the machine.
    private static readonly string[] KnownKeys = ["Author", "CompanyName", "Copyright", "Description", "GUID", "ModulesToImport", "VisibleCmdlets"];

    [Theory]
    [InlineData(Technician)]
    [InlineData(Viewer)]
    public void A_role_shows_cmdlets_of_the_manifest_with_parameters_that_they_have_and_nothing_else(string role)
    {
        using var engine = new Engine();
        Hashtable data = Data(RolePath(role));
        Dictionary<string, string[]> visible = Visible(role);

        Assert.Equal(KnownKeys, data.Keys.Cast<string>().Order(StringComparer.Ordinal));
        Assert.Equal("NfceSync.PowerShell", data["ModulesToImport"]);
        Assert.NotEmpty(visible);
        Assert.All(visible, command =>
        {
            Assert.Contains(command.Key, Manifest());
            var known = (CmdletInfo)engine.Run("Get-Command -Name $args[0] -CommandType Cmdlet", command.Key).One().BaseObject;
            Assert.All(command.Value, parameter => Assert.Contains(parameter, known.Parameters.Keys));
        });
    }

    [Fact]
    public void A_viewer_s_commands_are_a_technician_s_without_the_sending()
    {
        Dictionary<string, string[]> technician = Visible(Technician);
        Dictionary<string, string[]> viewer = Visible(Viewer);

        Assert.Equal(["Sync-NfcePending"], technician.Keys.Except(viewer.Keys));
        Assert.All(viewer, command => Assert.Equal(technician[command.Key], command.Value));
    }

    [Theory]
    [InlineData(Technician)]
    [InlineData(Viewer)]
    public void No_role_changes_a_store_gives_a_verdict_or_names_a_folder(string role)
    {
        Dictionary<string, string[]> visible = Visible(role);

        Assert.DoesNotContain(visible.Keys, name => name is "Register-NfceStore" or "Set-NfceStore" or "Unregister-NfceStore" or "Confirm-NfceException");
        Assert.DoesNotContain(visible.Values.SelectMany(parameters => parameters), parameter =>
            parameter.EndsWith("Path", StringComparison.Ordinal) || parameter.Contains("Certificate", StringComparison.Ordinal));
    }

    [Fact]
    public void The_example_endpoint_gives_these_two_roles_and_no_language()
    {
        Hashtable endpoint = Data(Path.Combine(Engine.RepositoryRoot(), "examples", "NfceSupport.pssc"));

        Assert.Equal("RestrictedRemoteServer", endpoint["SessionType"]);
        Assert.Equal("NoLanguage", endpoint["LanguageMode"]);
        Assert.Equal(
            [Technician, Viewer],
            ((Hashtable)endpoint["RoleDefinitions"]!).Values.Cast<Hashtable>().Select(role => (string)role["RoleCapabilities"]!).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(endpoint.Keys.Cast<string>(), key =>
            key.StartsWith("Visible", StringComparison.Ordinal) || key is "ScriptsToProcess" or "AssembliesToLoad" or "EnvironmentVariables");
    }

    [Theory]
    [InlineData(Technician)]
    [InlineData(Viewer)]
    public async Task In_a_runspace_of_the_role_only_its_commands_and_parameters_can_be_named(string role)
    {
        await using StoreMachine machine = await StoreMachine.StartAsync("en-US");
        using RoleRunspace runspace = new(role, machine.QueuePath);
        Dictionary<string, string[]> visible = Visible(role);

        Assert.All(Manifest().Except(visible.Keys), command => Assert.Equal("CommandNotFoundException", runspace.Run(command).ErrorIds.Single()));
        Assert.All(["Import-Module", "Get-Command", "Invoke-Command", "ls", Environment.ProcessPath!], (string command) =>
            Assert.Equal("CommandNotFoundException", runspace.Run(command).ErrorIds.Single()));
        Assert.All(visible.Keys, command =>
            Assert.Equal("NamedParameterNotFound", runspace.Run(command, ("QueuePath", machine.QueuePath)).ErrorIds.Single()));
    }

    [Fact]
    public async Task In_a_runspace_of_the_technician_notes_are_listed_sent_and_verified()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync("en-US");
        IReadOnlyList<SignedNote> notes = machine.Drop(3);
        using RoleRunspace runspace = new(Technician, machine.QueuePath);

        EngineResult pending = runspace.Run("Get-NfcePending", ("Name", "Loja*"));
        EngineResult sent = runspace.Run("Sync-NfcePending", ("ChNFe", notes[0].ChNFe), ("Confirm", false));
        EngineResult all = runspace.Run("Sync-NfcePending", ("Confirm", false));

        Assert.Empty(pending.Errors);
        Assert.Equal(3, pending.Output.Count);
        Assert.Equal(["NfceNotesRemain"], sent.ErrorIds);
        Assert.Equal(notes[0].ChNFe, Assert.Single(sent.Output).Properties["ChNFe"].Value);
        Assert.Empty(all.Errors);
        Assert.Equal(2, all.Output.Count);
        Assert.Equal(true, runspace.Run("Test-NfceSyncComplete").One().BaseObject);
        Assert.Equal(3, machine.Simulator.Ledger.AuthorizedCount);
    }

    [Fact]
    public async Task In_a_runspace_of_the_viewer_notes_are_listed_and_verified()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync("en-US");
        machine.Drop(2);
        using RoleRunspace runspace = new(Viewer, machine.QueuePath);

        Assert.Equal(2, runspace.Run("Get-NfcePending").Output.Count);
        Assert.Equal("Loja 01", runspace.Run("Get-NfceStore").One().Properties["Name"].Value);
        Assert.Equal(true, runspace.Run("Get-NfceServiceStatus").One().Properties["Available"].Value);
        Assert.Equal(false, runspace.Run("Test-NfceSyncComplete").One().BaseObject);
        Assert.Equal(0, machine.Sent);
    }

    private static string RolePath(string role) =>
        Path.Combine(Path.GetDirectoryName(Engine.ModulePath)!, "RoleCapabilities", role + ".psrc");

    private static Hashtable Data(string path)
    {
        ScriptBlockAst script = Parser.ParseFile(path, out _, out ParseError[] errors);
        Assert.Empty(errors);
        return (Hashtable)script.Find(node => node is HashtableAst, searchNestedScriptBlocks: false).SafeGetValue();
    }

    private static string[] Manifest() => [.. ((object[])Data(Engine.ModulePath)["CmdletsToExport"]!).Cast<string>()];

    /// <summary>The role's commands with the parameters they show. A string in place of a table would show them all.</summary>
    private static Dictionary<string, string[]> Visible(string role) => ((object[])Data(RolePath(role))["VisibleCmdlets"]!)
        .Cast<Hashtable>()
        .ToDictionary(command => (string)command["Name"]!, command => Parameters(command["Parameters"]!));

    private static string[] Parameters(object parameters) => (parameters is object[] several ? several : [parameters])
        .Cast<Hashtable>()
        .Select(parameter => (string)parameter["Name"]!)
        .ToArray();

    /// <summary>
    /// A runspace that shows what the role shows, made the way the engine makes an endpoint's: a function of the same name
    /// with the parameters that are left, in front of a cmdlet that cannot be seen. The engine's own way from a
    /// session configuration file needs the console host's assembly, which its package lacks.
    /// </summary>
    private sealed class RoleRunspace : IDisposable
    {
        private readonly Runspace _runspace;

        public RoleRunspace(string role, string queuePath)
        {
            var state = InitialSessionState.CreateDefault2();
            state.ImportPSModule([Engine.ModulePath]);
            _runspace = RunspaceFactory.CreateRunspace(new EngineHost(), state);
            _runspace.Open();
            foreach ((string name, string[] parameters) in Visible(role))
            {
                CommandInfo command = _runspace.SessionStateProxy.InvokeCommand.GetCommand(name, CommandTypes.Cmdlet);
                var metadata = new CommandMetadata(command);
                metadata.Parameters.Keys.Except(parameters).ToList().ForEach(hidden => metadata.Parameters.Remove(hidden));
                using Shell shell = Shell.Create(_runspace).AddScript("$null = $ExecutionContext.InvokeProvider.Item.Set($args[0], [scriptblock]::Create($args[1]))");
                shell.AddArgument("function:global:" + name).AddArgument(ProxyCommand.Create(metadata, "", false)).Invoke();
            }

            foreach (CommandInfo command in _runspace.SessionStateProxy.InvokeCommand.GetCommands(
                "*", CommandTypes.Cmdlet | CommandTypes.Function | CommandTypes.Alias, nameIsPattern: true))
            {
                command.Visibility = command.CommandType == CommandTypes.Function && Visible(role).ContainsKey(command.Name)
                    ? SessionStateEntryVisibility.Public
                    : SessionStateEntryVisibility.Private;
            }

            _runspace.SessionStateProxy.Applications.Clear();
            _runspace.SessionStateProxy.Scripts.Clear();

            // Reaches the cmdlet behind the function, which itself has no such parameter.
            _runspace.SessionStateProxy.SetVariable("PSDefaultParameterValues", new DefaultParameterDictionary { ["*-Nfce*:QueuePath"] = queuePath });
            _runspace.SessionStateProxy.LanguageMode = PSLanguageMode.NoLanguage;
        }

        /// <summary>Runs one command, as a client of an endpoint without language can.</summary>
        public EngineResult Run(string command, params (string Name, object Value)[] parameters)
        {
            using Shell shell = Shell.Create(_runspace).AddCommand(command);
            Array.ForEach(parameters, parameter => shell.AddParameter(parameter.Name, parameter.Value));
            var output = new PSDataCollection<PSObject>();
            ErrorRecord[] terminating = [];
            try
            {
                shell.Invoke(null, output);
            }
            catch (RuntimeException e)
            {
                terminating = [e.ErrorRecord];
            }

            return new EngineResult([.. output], [.. shell.Streams.Error, .. terminating], terminating.Length > 0, false, shell.Streams);
        }

        public void Dispose() => _runspace.Dispose();
    }
}
