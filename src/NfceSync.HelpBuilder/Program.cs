using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

namespace NfceSync.HelpBuilder;

/// <summary>
/// <c>&lt;docs folder&gt; &lt;cmdlet assembly&gt; &lt;output folder&gt;</c>: writes one folder a language, with the MAML file of the
/// cmdlets and a text file for each <c>about_</c> page.
/// </summary>
internal static class Program
{
    public static int Main(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        if (args.Length != 3)
        {
            Console.Error.WriteLine("usage: NfceSync.HelpBuilder <docs folder> <cmdlet assembly> <output folder>");
            return 2;
        }

        try
        {
            IReadOnlyList<CmdletMetadata> cmdlets = CmdletMetadata.ReadAll(args[1]);
            foreach (Language language in Language.All)
            {
                DirectoryInfo output = Directory.CreateDirectory(Path.Combine(args[2], language.Culture.Name));
                Build(Path.Combine(args[0], language.Culture.Name), language, cmdlets, Path.GetFileName(args[1]), output.FullName);
            }

            return 0;
        }
        catch (PageException e)
        {
            // The form that MSBuild shows as an error of that file and line.
            Console.Error.WriteLine($"{e.File}({e.Line}): error NFCEHELP: {e.Message}");
            return 1;
        }
    }

    private static void Build(string docs, Language language, IReadOnlyList<CmdletMetadata> cmdlets, string assembly, string output)
    {
        var pages = new List<(CmdletPage Page, CmdletMetadata Cmdlet)>();
        foreach (string file in Directory.GetFiles(docs, "*.md").Order(StringComparer.Ordinal))
        {
            MarkdownPage page = MarkdownPage.Read(file);
            if (page.Title.StartsWith("about_", StringComparison.Ordinal))
            {
                // With a byte order mark: without one Windows PowerShell 5.1 may take the text for the system's old code page.
                File.WriteAllText(Path.Combine(output, page.Title + ".help.txt"), AboutText.Write(page, language), Encoding.UTF8);
                continue;
            }

            CmdletMetadata cmdlet = cmdlets.FirstOrDefault(cmdlet => cmdlet.Name == page.Title)
                ?? throw new PageException(file, 1, $"'{page.Title}' is neither a cmdlet nor an about_ page.");
            pages.Add((CmdletPage.From(page, language, cmdlet), cmdlet));
        }

        // The file's name is the one that Get-Help looks for in the module's folder.
        MamlFile.Write(pages).Save(Path.Combine(output, assembly + "-Help.xml"));
    }
}
