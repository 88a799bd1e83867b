using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text;
using System.Threading.Tasks;

using Xunit;

namespace NfceSync.PowerShell.Tests;

public class ImportTests
{
    private static readonly string ModuleFolder = Path.GetDirectoryName(Engine.ModulePath)!;
    private static readonly string[] ProbeCommands = ["Confirm-Probe", "Get-Probe", "Wait-Probe", "Write-Probe"];

    [Fact]
    public void The_built_module_is_there_with_both_editions()
    {
        Assert.All(
            [
                "NfceSync.PowerShell.psd1",
                "NfceSync.PowerShell.psm1",
                "NfceSync.PowerShell.Format.ps1xml",
                "bin/net8.0/NfceSync.PowerShell.dll",
                "bin/net8.0/pt/NfceSync.Core.resources.dll",
                "bin/net8.0/pt/NfceSync.PowerShell.resources.dll",
                "bin/net8.0/runtimes/win-x64/native/e_sqlite3.dll",
                "bin/net8.0/runtimes/linux-x64/native/libe_sqlite3.so",
                "bin/net472/NfceSync.PowerShell.dll",
                "bin/net472/System.Memory.dll",
                "bin/net472/pt/NfceSync.Core.resources.dll",
                "bin/net472/native/win-x64/e_sqlite3.dll",
            ],
            (string file) => Assert.True(File.Exists(Path.Combine(ModuleFolder, file)), file));
    }

    [Fact]
    public void The_source_s_module_files_are_copied_verbatim()
    {
        string source = Path.Combine(Engine.RepositoryRoot(), "module");
        string[] files = Directory.GetFiles(source, "*", SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.Equal(
            File.ReadAllBytes(file), File.ReadAllBytes(Path.Combine(ModuleFolder, Path.GetRelativePath(source, file)))));
    }

    [Fact]
    public void Exactly_the_commands_of_the_manifest_are_exported()
    {
        using var engine = new Engine();

        string[] manifest = engine.Run("(Test-ModuleManifest $args[0]).ExportedCommands.Keys", Engine.ModulePath).Values.Cast<string>().ToArray();
        string[] exported = Exported(engine, "NfceSync.PowerShell");

        Assert.Equal(manifest.Order(), exported);
        Assert.Equal(Cmdlets("NfceSync.PowerShell.dll"), exported);
    }

    [Fact]
    public void Commands_are_still_there_after_importing_twice_more_by_force()
    {
        using var engine = new Engine(module: ProbeModule.ManifestPath);
        Assert.Equal(ProbeCommands, Exported(engine, "NfceSync.Probe"));

        engine.Import(ProbeModule.ManifestPath);
        engine.Import(ProbeModule.ManifestPath);

        Assert.Equal(ProbeCommands, Exported(engine, "NfceSync.Probe"));
        Assert.Equal([0, 1], engine.Run("Write-Probe -Count 2").Values.Cast<int>());
    }

    [Fact]
    public void Commands_are_there_after_removing_and_importing_again_and_gone_in_between()
    {
        using var engine = new Engine(module: ProbeModule.ManifestPath);

        engine.Run("Remove-Module NfceSync.Probe");
        Assert.Empty(engine.Run("Get-Command -Name *-Probe -CommandType Cmdlet -ListImported").Output);
        engine.Import(ProbeModule.ManifestPath);

        Assert.Equal(ProbeCommands, Exported(engine, "NfceSync.Probe"));
        Assert.Equal(0, engine.Run("Write-Probe").One().BaseObject);
    }

    [Fact]
    public async Task A_copy_in_another_folder_takes_over()
    {
        string original = Path.GetDirectoryName(ProbeModule.ManifestPath)!;
        DirectoryInfo other = Directory.CreateTempSubdirectory("nfce-other-");
        try
        {
            foreach (string file in Directory.GetFiles(original, "*", SearchOption.AllDirectories))
            {
                string copy = Path.Combine(other.FullName, Path.GetRelativePath(original, file));
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.Copy(file, copy);
            }

            string[] lines = await EngineProcess.RunAsync(
                """
                Import-Module -Name $args[0] -ErrorAction Stop
                Import-Module -Name $args[1] -ErrorAction Stop
                Write-Probe
                (Get-Module -Name NfceSync.Probe).ModuleBase
                Import-Module -Name $args[0] -Force -ErrorAction Stop
                Write-Probe
                (Get-Module -Name NfceSync.Probe).ModuleBase
                """,
                ProbeModule.ManifestPath,
                Path.Combine(other.FullName, Path.GetFileName(ProbeModule.ManifestPath)));

            Assert.Equal(["0", other.FullName, "0", original], lines);
        }
        finally
        {
            other.Delete(recursive: true);
        }
    }

    [Fact]
    public void Commands_are_there_in_a_second_runspace_of_the_same_process()
    {
        using var first = new Engine(module: ProbeModule.ManifestPath);
        using var second = new Engine(module: ProbeModule.ManifestPath);

        Assert.Equal(ProbeCommands, Exported(second, "NfceSync.Probe"));
        Assert.Equal(0, second.Run("Write-Probe").One().BaseObject);
        Assert.Equal(0, first.Run("Write-Probe").One().BaseObject);
    }

    [Fact]
    public void No_assembly_of_PowerShell_s_own_lies_in_the_module()
    {
        IEnumerable<string> names = Assemblies("bin").Select(Path.GetFileName).OfType<string>();
        Assert.DoesNotContain(names, name =>
            name.StartsWith("System.Management.Automation", StringComparison.OrdinalIgnoreCase)
            || name.StartsWith("Microsoft.PowerShell", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void No_facade_lies_in_the_folder_for_PowerShell_7()
    {
        // A facade has no types of its own but <Module>; PowerShell 7 has those of the framework itself.
        string[] facades = Assemblies("bin/net8.0")
            .Where(file => !file.EndsWith(".resources.dll", StringComparison.Ordinal))
            .Where(file => Read(file, reader => reader.TypeDefinitions.Count <= 1))
            .ToArray();
        Assert.Empty(facades);
    }

    [Fact]
    public void Nothing_but_what_runs_lies_in_the_module()
    {
        Assert.DoesNotContain(
            Directory.GetFiles(Path.Combine(ModuleFolder, "bin"), "*", SearchOption.AllDirectories),
            file => Path.GetExtension(file) is not (".dll" or ".so" or ".dylib"));
    }

    [Fact]
    public void Our_assemblies_do_not_name_the_folder_they_were_built_in()
    {
        byte[] root = Encoding.UTF8.GetBytes(Engine.RepositoryRoot());
        byte[] root16 = Encoding.Unicode.GetBytes(Engine.RepositoryRoot());
        string[] ours = Assemblies("bin").Where(file => Path.GetFileName(file).StartsWith("NfceSync.", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(ours);
        Assert.All(ours, file =>
        {
            byte[] bytes = File.ReadAllBytes(file);
            Assert.True(bytes.AsSpan().IndexOf(root) < 0 && bytes.AsSpan().IndexOf(root16) < 0, file);
        });
    }

    [Fact]
    public async Task An_import_loads_nothing_but_the_loader_and_the_cmdlets_and_makes_no_file()
    {
        DirectoryInfo home = Directory.CreateTempSubdirectory("nfce-home-");
        try
        {
            string[] lines = await EngineProcess.RunAsync(
                """
                $env:NFCESYNC_HOME = $env:HOME = $env:XDG_DATA_HOME = $env:ProgramData = $args[1]
                Import-Module -Name $args[0] -ErrorAction Stop
                foreach ($assembly in [AppDomain]::CurrentDomain.GetAssemblies()) {
                    if (-not $assembly.IsDynamic -and $assembly.Location.StartsWith([IO.Path]::GetDirectoryName($args[0]))) {
                        [IO.Path]::GetFileName($assembly.Location)
                    }
                    if ($assembly.GetName().Name -eq 'System.Net.Http') { 'the network' }
                }
                (Get-Module).Name
                """,
                Engine.ModulePath,
                home.FullName);

            Assert.Equal(
                ["NfceSync.PowerShell", "NfceSync.PowerShell.Loader.dll", "NfceSync.PowerShell.dll"],
                lines.Order(StringComparer.Ordinal));
            Assert.Empty(home.GetFileSystemInfos());
        }
        finally
        {
            home.Delete(recursive: true);
        }
    }

    private static string[] Exported(Engine engine, string module) =>
        [.. engine.Run("(Get-Module $args[0]).ExportedCommands.Keys", module).Values.Cast<string>().Order(StringComparer.Ordinal)];

    private static string[] Assemblies(string folder) =>
        Directory.GetFiles(Path.Combine(ModuleFolder, folder), "*.dll", SearchOption.AllDirectories)
            .Where(file => !Path.GetFileName(file).StartsWith("e_sqlite3", StringComparison.Ordinal))
            .ToArray();

    private static string[] Cmdlets(string assembly) => Read(
        Path.Combine(ModuleFolder, "bin", "net8.0", assembly),
        reader => (
            from type in reader.TypeDefinitions.Select(reader.GetTypeDefinition)
            from attribute in type.GetCustomAttributes().Select(reader.GetCustomAttribute)
            where attribute.Constructor.Kind == HandleKind.MemberReference
            let constructor = reader.GetMemberReference((MemberReferenceHandle)attribute.Constructor)
            where constructor.Parent.Kind == HandleKind.TypeReference
                && reader.GetString(reader.GetTypeReference((TypeReferenceHandle)constructor.Parent).Name) == nameof(CmdletAttribute)
            select CmdletName(reader.GetBlobReader(attribute.Value))).Order(StringComparer.Ordinal).ToArray());

    private static string CmdletName(BlobReader value)
    {
        value.ReadUInt16();
        return value.ReadSerializedString() + "-" + value.ReadSerializedString();
    }

    private static T Read<T>(string file, Func<MetadataReader, T> read)
    {
        using var stream = File.OpenRead(file);
        using var image = new PEReader(stream);
        return read(image.GetMetadataReader());
    }
}
