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
    public async Task The_same_sources_built_in_another_folder_give_the_same_bytes()
    {
        string sources = Path.Combine(packed.Folder, "sources");
        Copy(new DirectoryInfo(Engine.RepositoryRoot()), sources);

        // In the configuration of these tests, whose build has left the other one. What a build wants is restored already.
        string configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        string again = await packed.PackAsync("again", sources, "-c", configuration, "-p:NuGetAudit=false", "-p:UseSharedCompilation=false");

        Assert.Equal(await EntriesAsync(packed.Package), await EntriesAsync(again));
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
        Assert.Equal("MIT", Value("license"));
        Assert.Equal(PSData()["LicenseUri"], Value("licenseUrl"));
        Assert.Equal(PSData()["ReleaseNotes"], Value("releaseNotes"));
        Assert.All(
            [Value("readme"), "CHANGELOG.md", "LICENSE", "THIRD-PARTY-NOTICES.txt"],
            (string file) => Assert.NotNull(zip.GetEntry(file)));
        string[] tags = Value("tags").Split(' ');
        Assert.All(
            ["PSModule", "PSEdition_Desktop", "PSEdition_Core", "NFC-e", .. ManifestCommands().Select(command => "PSCmdlet_" + command)],
            (string tag) => Assert.Contains(tag, tags));
        Assert.DoesNotContain(tags, tag => tag.Contains(';', StringComparison.Ordinal));
    }

    // What the module is built from: nothing that a build has made, and no repository.
    private static void Copy(DirectoryInfo from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (FileInfo file in from.GetFiles())
        {
            file.CopyTo(Path.Combine(to, file.Name));
        }

        foreach (DirectoryInfo folder in from.GetDirectories().Where(folder => folder.Name is not (".git" or "artifacts" or "bin" or "obj" or "tests")))
        {
            Copy(folder, Path.Combine(to, folder.Name));
        }
    }

    // Names the files that differ.
    private static async Task<IEnumerable<string>> EntriesAsync(string package)
    {
        await using ZipArchive zip = await ZipFile.OpenReadAsync(package);
        return [.. zip.Entries.Select(entry => $"{entry.FullName} {entry.Crc32:x8}")];
    }

    private static string ManifestValue(string name) => Manifest()[name]!.ToString()!;

    private static IEnumerable<string> ManifestCommands() => ((object[])Manifest()["CmdletsToExport"]!).Cast<string>();

    private static Hashtable PSData() => (Hashtable)((Hashtable)Manifest()["PrivateData"]!)["PSData"]!;

    // As the engine reads a manifest: data, no code.
    private static Hashtable Manifest()
    {
        var script = Parser.ParseFile(Engine.ModulePath, out _, out _);
        return (Hashtable)script.Find(node => node is HashtableAst, searchNestedScriptBlocks: false).SafeGetValue();
    }

    /// <summary>Makes packages; the first from the module that the build has left, which is not built again.</summary>
    public sealed class Packed : IAsyncLifetime
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("nfce-package-");

        public string Folder => _folder.FullName;

        public string Package { get; private set; } = "";

        public async Task InitializeAsync() => Package = await PackAsync("built", Engine.RepositoryRoot(), "--no-build");

        public Task DisposeAsync()
        {
            _folder.Delete(recursive: true);
            return Task.CompletedTask;
        }

        public async Task<string> PackAsync(string name, string sources, params string[] arguments)
        {
            DirectoryInfo output = _folder.CreateSubdirectory(name);
            var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
            Array.ForEach(
                ["pack", Path.Combine(sources, "src", "NfceSync.PowerShell"), "-nodeReuse:false", "-o", output.FullName, .. arguments],
                start.ArgumentList.Add);
            using Process process = Process.Start(start)!;
            string text = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return process.ExitCode == 0 ? output.GetFiles("*.nupkg").Single().FullName : throw new InvalidOperationException(text);
        }
    }
}
