using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Xml.Linq;

using Xunit;

namespace NfceSync.PowerShell.Tests.Cmdlets;

public sealed partial class TextsTests
{
    private static readonly string Folder = Path.Combine(Engine.RepositoryRoot(), "src", "NfceSync.PowerShell");

    [Fact]
    public void Both_languages_have_the_same_texts_with_the_same_placeholders()
    {
        Dictionary<string, string> english = Read("PowerShellText.resx");
        Dictionary<string, string> portuguese = Read("PowerShellText.pt.resx");

        Assert.Equal(english.Keys.Order(), portuguese.Keys.Order());
        Assert.All(english, text => Assert.Equal(Placeholders(text.Value), Placeholders(portuguese[text.Key])));
    }

    [Fact]
    public void Every_error_id_of_the_cmdlets_and_every_text_they_ask_for_is_there()
    {
        Dictionary<string, string> english = Read("PowerShellText.resx");
        string[] sources = [.. Directory.GetFiles(Folder, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains(Path.DirectorySeparatorChar + "obj" + Path.DirectorySeparatorChar)).Select(File.ReadAllText)];
        string[] asked = [.. sources.SelectMany(source => AskedFor().Matches(source)).Select(match => match.Groups[1].Value)];
        string[] ids = [.. ErrorId().Matches(File.ReadAllText(Path.Combine(Folder, "CmdletErrorIds.cs"))).Select(match => match.Groups[1].Value)];

        Assert.NotEmpty(asked);
        Assert.NotEmpty(ids);
        Assert.All(asked.Concat(ids), id => Assert.Contains(id, english.Keys));
    }

    private static Dictionary<string, string> Read(string file) => XDocument.Load(Path.Combine(Folder, file)).Root!
        .Elements("data").ToDictionary(data => data.Attribute("name")!.Value, data => data.Element("value")!.Value);

    private static string[] Placeholders(string text) => [.. Placeholder().Matches(text).Select(match => match.Value).Distinct().Order()];

    [GeneratedRegex(@"\{\d")]
    private static partial Regex Placeholder();

    [GeneratedRegex("PowerShellTexts\\.Get\\(\\s*\"(\\w+)\"")]
    private static partial Regex AskedFor();

    [GeneratedRegex(@"const string (\w+) =")]
    private static partial Regex ErrorId();
}
