using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.Json;
using System.Text.RegularExpressions;

using Xunit;

namespace NfceSync.PowerShell.Tests;

/// <summary>The assemblies of others that the module brings.</summary>
public sealed partial class DependencyTests : IDisposable
{
    private static readonly string ModuleFolder = Path.GetDirectoryName(Engine.ModulePath)!;

    private readonly JsonDocument _restored = JsonDocument.Parse(
        File.ReadAllBytes(Path.Combine(Engine.RepositoryRoot(), "src", "NfceSync.PowerShell", "obj", "project.assets.json")));

    [Fact]
    public void Everything_that_Windows_PowerShell_is_asked_for_is_in_the_folder_or_in_the_framework()
    {
        Dictionary<string, Version> known = Versions(FrameworkAssemblies());
        foreach ((string name, Version version) in Versions(Directory.GetFiles(Path.Combine(ModuleFolder, "bin", "net472"), "*.dll")))
        {
            known[name] = version;
        }

        string[] missing = [..
            from file in Directory.GetFiles(Path.Combine(ModuleFolder, "bin", "net472"), "*.dll")
            from reference in Read(file, reader => reader.AssemblyReferences
                .Select(handle => reader.GetAssemblyReference(handle))
                .Select(reference => (Name: reader.GetString(reference.Name), reference.Version))
                .ToArray())
            where reference.Name != "System.Management.Automation"
            where !known.TryGetValue(reference.Name, out Version? version) || version < reference.Version
            select $"{Path.GetFileName(file)}: {reference.Name} {reference.Version}"];

        Assert.Empty(missing);
    }

    [Fact]
    public void The_notices_name_each_package_that_the_module_has_files_of()
    {
        ILookup<string, string> packages = (
            from library in _restored.RootElement.GetProperty("libraries").EnumerateObject()
            where library.Value.GetProperty("type").GetString() == "package"
            from file in library.Value.GetProperty("files").EnumerateArray()
            where !file.GetString()!.StartsWith("build/", StringComparison.Ordinal)
            select (File: Path.GetFileName(file.GetString()!), Package: library.Name.Replace('/', ' ')))
            .ToLookup(item => item.File, item => item.Package);
        IEnumerable<string> used = Directory.GetFiles(Path.Combine(ModuleFolder, "bin"), "*", SearchOption.AllDirectories)
            .Select(file => Path.GetFileName(file))
            .Where(file => !file.StartsWith("NfceSync.", StringComparison.Ordinal))
            .Select(file => packages[file].Distinct().Single());

        string notices = File.ReadAllText(Path.Combine(ModuleFolder, "THIRD-PARTY-NOTICES.txt"));
        Assert.Equal(used.Distinct().Order(StringComparer.Ordinal), Entry().Matches(notices).Select(match => match.Groups["package"].Value));
        Assert.All(
            Entry().Matches(notices).Select(match => match.Groups["licence"].Value).Distinct(),
            licence => Assert.Contains($"\n{licence}\n{new string('-', licence.Length)}\n\n", notices));
    }

    public void Dispose() => _restored.Dispose();

    // The reference assemblies, of which a build takes what .NET Framework 4.7.2 has.
    private string[] FrameworkAssemblies()
    {
        string path = _restored.RootElement.GetProperty("libraries").EnumerateObject()
            .Single(library => library.Name.StartsWith("Microsoft.NETFramework.ReferenceAssemblies.net472/", StringComparison.Ordinal))
            .Value.GetProperty("path").GetString()!;
        string package = _restored.RootElement.GetProperty("packageFolders").EnumerateObject()
            .Select(folder => Path.Combine(folder.Name, path)).First(Directory.Exists);
        return Directory.GetFiles(Path.Combine(package, "build", ".NETFramework", "v4.7.2"), "*.dll", SearchOption.AllDirectories);
    }

    private static Dictionary<string, Version> Versions(IEnumerable<string> files) => files
        .Where(IsAssembly)
        .Select(file => Read(file, reader => (Name: reader.GetString(reader.GetAssemblyDefinition().Name), reader.GetAssemblyDefinition().Version)))
        .GroupBy(assembly => assembly.Name, StringComparer.OrdinalIgnoreCase)
        .ToDictionary(group => group.Key, group => group.Max(assembly => assembly.Version)!, StringComparer.OrdinalIgnoreCase);

    // Two of the framework's are no more than native code or a part of an assembly.
    private static bool IsAssembly(string file)
    {
        using FileStream stream = File.OpenRead(file);
        using var image = new PEReader(stream);
        return image.HasMetadata && image.GetMetadataReader().IsAssembly;
    }

    private static T Read<T>(string file, Func<MetadataReader, T> read)
    {
        using FileStream stream = File.OpenRead(file);
        using var image = new PEReader(stream);
        return read(image.GetMetadataReader());
    }

    [GeneratedRegex(@"^(?<package>\S+ [\d.]+)\n    Licence: (?<licence>.+)\n    \S.+\n    https://\S+\n", RegexOptions.Multiline)]
    private static partial Regex Entry();
}
