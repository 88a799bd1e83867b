using System;
using System.Diagnostics;
using System.IO;
using System.Threading.Tasks;

using Xunit;

namespace NfceSync.PowerShell.Tests;

/// <summary>What the build says of pages that it cannot take.</summary>
public sealed class HelpBuilderTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("nfce-help-");

    [Theory]
    [InlineData("Sync-NfcePending.md", "### -Name\n", "### -Nome\n")]
    [InlineData("Sync-NfcePending.md", "## Inputs\n", "## Input\n")]
    [InlineData("Sync-NfcePending.md", "# Sync-NfcePending\n", "# Sync-NfceAll\n")]
    [InlineData("about_NfceSync.md", "## Deadlines\n", "| a | b |\n\n#### Deadlines\n")]
    [InlineData("about_NfceSync.md", "## Deadlines\n", "<!-- later -->\n\n## Deadlines\n")]
    public async Task A_page_that_cannot_be_right_is_an_error_that_names_its_file(string page, string right, string wrong)
    {
        string docs = CopyDocs();
        string file = Path.Combine(docs, "en-US", page);
        string text = await File.ReadAllTextAsync(file);
        Assert.Contains(right, text);
        await File.WriteAllTextAsync(file, text.Replace(right, wrong, StringComparison.Ordinal));

        (int code, string errors) = await BuildAsync(docs);

        Assert.Equal(1, code);
        Assert.Matches(@"^.*\b" + page + @"\(\d+\): error NFCEHELP: .", errors);
    }

    [Fact]
    public async Task The_same_pages_give_the_same_bytes_as_the_build()
    {
        (int code, string errors) = await BuildAsync(CopyDocs());

        Assert.Equal((0, ""), (code, errors));
        string module = Path.GetDirectoryName(Engine.ModulePath)!;
        string output = Path.Combine(_folder.FullName, "out");
        string[] files = Directory.GetFiles(output, "*", SearchOption.AllDirectories);
        Assert.Equal(6, files.Length);
        Assert.All(files, file => Assert.Equal(
            File.ReadAllBytes(Path.Combine(module, Path.GetRelativePath(output, file))), File.ReadAllBytes(file)));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string CopyDocs()
    {
        string docs = Path.Combine(_folder.FullName, "docs");
        foreach (string culture in (string[])["en-US", "pt-BR"])
        {
            Directory.CreateDirectory(Path.Combine(docs, culture));
            foreach (string file in Directory.GetFiles(Path.Combine(Engine.RepositoryRoot(), "docs", culture)))
            {
                File.Copy(file, Path.Combine(docs, culture, Path.GetFileName(file)));
            }
        }

        return docs;
    }

    private async Task<(int Code, string Errors)> BuildAsync(string docs)
    {
        // Built together with the module, in the configuration of these tests.
        string configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        string sources = Path.Combine(Engine.RepositoryRoot(), "src");
        var start = new ProcessStartInfo("dotnet") { RedirectStandardError = true };
        Array.ForEach(
            [
                Path.Combine(sources, "NfceSync.HelpBuilder", "bin", configuration, "net10.0", "NfceSync.HelpBuilder.dll"),
                docs,
                Path.Combine(sources, "NfceSync.PowerShell", "bin", configuration, "net8.0", "NfceSync.PowerShell.dll"),
                Path.Combine(_folder.FullName, "out"),
            ],
            start.ArgumentList.Add);
        using Process process = Process.Start(start)!;
        string errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, errors);
    }
}
