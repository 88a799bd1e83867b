using System;
using System.Collections;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Management.Automation.Language;
using System.Threading.Tasks;
using System.Xml.Linq;

using Xunit;

namespace NfceSync.PowerShell.Tests;

public class PackageTests(PackageTests.Packed packed) : IClassFixture<PackageTests.Packed>
{
    [Fact]
    public async Task The_module_imports_from_its_package()
    {
        string unpacked = Path.Combine(packed.Folder, "NfceSync.PowerShell");
        await ZipFile.ExtractToDirectoryAsync(packed.Package, unpacked);

        string[] lines = await EngineProcess.RunAsync(
            "Import-Module -Name $args[0] -ErrorAction Stop; (Get-Module NfceSync.PowerShell).ModuleBase; (Get-Module NfceSync.PowerShell).Version",
            Path.Combine(unpacked, "NfceSync.PowerShell.psd1"));

        Assert.Equal([unpacked, ManifestValue("ModuleVersion")], lines);
    }

    [Fact]
    public async Task The_same_module_packed_twice_gives_the_same_bytes()
    {
        string again = await packed.PackAsync("two");
        Assert.Equal(await File.ReadAllBytesAsync(packed.Package), await File.ReadAllBytesAsync(again));
    }

    [Fact]
    public async Task The_package_says_what_the_manifest_says()
    {
        await using ZipArchive zip = await ZipFile.OpenReadAsync(packed.Package);
        await using Stream nuspec = await zip.GetEntry("NfceSync.PowerShell.nuspec")!.OpenAsync();
        XElement metadata = (await XDocument.LoadAsync(nuspec, LoadOptions.None, default)).Root!.Elements().First();
        string Value(string name) => metadata.Elements().Single(element => element.Name.LocalName == name).Value;

        Assert.Equal("NfceSync.PowerShell", Value("id"));
        Assert.Equal(ManifestValue("ModuleVersion"), Value("version"));
        Assert.Equal(ManifestValue("Author"), Value("authors"));
        Assert.Equal(ManifestValue("Description"), Value("description"));
        string[] tags = Value("tags").Split(' ');
        Assert.All(
            ["PSModule", "PSEdition_Desktop", "PSEdition_Core", "NFC-e", .. ManifestCommands().Select(command => "PSCmdlet_" + command)],
            (string tag) => Assert.Contains(tag, tags));
        Assert.DoesNotContain(tags, tag => tag.Contains(';', StringComparison.Ordinal));
    }

    private static string ManifestValue(string name) => Manifest()[name]!.ToString()!;

    private static IEnumerable<string> ManifestCommands() => ((object[])Manifest()["CmdletsToExport"]!).Cast<string>();

    // As the engine reads a manifest: data, no code.
    private static Hashtable Manifest()
    {
        var script = Parser.ParseFile(Engine.ModulePath, out _, out _);
        return (Hashtable)script.Find(node => node is HashtableAst, searchNestedScriptBlocks: false).SafeGetValue();
    }

    /// <summary>The package, made from the module that the build has left, which is not built again.</summary>
    public sealed class Packed : IAsyncLifetime
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("nfce-package-");

        public string Folder => _folder.FullName;

        public string Package { get; private set; } = "";

        public async Task InitializeAsync() => Package = await PackAsync("one");

        public Task DisposeAsync()
        {
            _folder.Delete(recursive: true);
            return Task.CompletedTask;
        }

        public async Task<string> PackAsync(string name)
        {
            DirectoryInfo output = _folder.CreateSubdirectory(name);
            var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
            Array.ForEach(
                ["pack", Path.Combine(Engine.RepositoryRoot(), "src", "NfceSync.PowerShell"), "--no-build", "-nodeReuse:false", "-o", output.FullName],
                start.ArgumentList.Add);
            using Process process = Process.Start(start)!;
            string text = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return process.ExitCode == 0 ? output.GetFiles("*.nupkg").Single().FullName : throw new InvalidOperationException(text);
        }
    }
}
