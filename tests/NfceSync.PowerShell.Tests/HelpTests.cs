using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text;
using System.Text.RegularExpressions;

using Xunit;

namespace NfceSync.PowerShell.Tests;

/// <summary>What Get-Help of the engine says about the built module, in both languages.</summary>
public sealed partial class HelpTests(HelpTests.Engines engines) : IClassFixture<HelpTests.Engines>
{
    private const string English = "en-US";
    private const string Portuguese = "pt-BR";

    private static readonly string Docs = Path.Combine(Engine.RepositoryRoot(), "docs");

    [Theory]
    [InlineData(English)]
    [InlineData(Portuguese)]
    public void Every_command_has_a_synopsis_a_description_and_at_least_two_examples(string culture) => Assert.All(Commands(), name =>
    {
        PSObject help = Help(culture, name);

        Assert.NotEqual("", Text(help, "details", "description"));
        Assert.NotEqual("", Text(help, "description"));
        Assert.NotEmpty(Items(help, "inputTypes", "inputType"));
        Assert.NotEmpty(Items(help, "returnValues", "returnValue"));
        Assert.NotEqual("", Text(help, "alertSet", "alert"));
        PSObject[] examples = Items(help, "examples", "example");
        Assert.InRange(examples.Length, 2, 10);
        Assert.All(examples, example =>
        {
            Assert.NotEqual("", example.Properties["code"].Value.ToString());
            Assert.NotEqual("", Text(example, "remarks"));
        });
    });

    [Theory]
    [InlineData(English)]
    [InlineData(Portuguese)]
    public void Every_parameter_has_a_text_that_names_all_the_values_it_accepts(string culture) => Assert.All(Commands(), name =>
    {
        Dictionary<string, PSObject> texts = Items(Help(culture, name), "parameters", "parameter")
            .ToDictionary(parameter => parameter.Properties["name"].Value.ToString()!);
        ParameterMetadata[] parameters = [.. Command(culture, name).Parameters.Values.Where(parameter => !Cmdlet.CommonParameters.Contains(parameter.Name))];

        Assert.Equal(parameters.Select(parameter => parameter.Name).Order(), texts.Keys.Order());
        Assert.All(parameters, parameter =>
        {
            string text = Text(texts[parameter.Name], "description");
            Assert.NotEqual("", text);
            Type type = parameter.ParameterType.GetElementType() ?? parameter.ParameterType;
            type = Nullable.GetUnderlyingType(type) ?? type;
            Assert.All(type.IsEnum ? type.GetEnumNames() : [], value => Assert.Contains(value, text));
        });
    });

    [Theory]
    [InlineData(English)]
    [InlineData(Portuguese)]
    public void What_is_said_of_syntax_and_pipeline_is_what_the_engine_does(string culture) => Assert.All(Commands(), name =>
    {
        string shown = engines[culture].Show("Get-Help -Name $args[0]", name);
        string engineSays = engines[culture].Run("Get-Command -Syntax -Name $args[0]", name).One().ToString()!;

        Assert.Contains(Blanks().Replace(engineSays, " ").Trim(), Blanks().Replace(shown, " "));
        CommandInfo command = Command(culture, name);
        Assert.All(Items(Help(culture, name), "parameters", "parameter"), parameter =>
        {
            IEnumerable<ParameterSetMetadata> sets = command.Parameters[parameter.Properties["name"].Value.ToString()!].ParameterSets.Values;
            string pipeline = parameter.Properties["pipelineInput"].Value.ToString()!;
            Assert.Equal(sets.Any(set => set.ValueFromPipeline), pipeline.Contains("ByValue", StringComparison.Ordinal));
            Assert.Equal(sets.Any(set => set.ValueFromPipelineByPropertyName), pipeline.Contains("ByPropertyName", StringComparison.Ordinal));
            Assert.Equal(
                string.Join(", ", command.Parameters[parameter.Properties["name"].Value.ToString()!].Aliases.DefaultIfEmpty("none")),
                parameter.Properties["aliases"].Value);
        });
    });

    [Fact]
    public void The_two_languages_have_their_own_texts() => Assert.All(
        Commands(), name => Assert.NotEqual(Text(Help(English, name), "description"), Text(Help(Portuguese, name), "description")));

    [Theory]
    [InlineData("pt-PT")]
    [InlineData("pt-AO")]
    [InlineData("pt")]
    public void Every_Portuguese_gets_the_Portuguese_help(string culture)
    {
        using var engine = new Engine(culture: culture);

        Assert.Equal(
            Text(Help(Portuguese, "Sync-NfcePending"), "description"),
            Text(engine.Run("Get-Help -Name Sync-NfcePending -Full").One(), "description"));
        Assert.Equal(About(Portuguese, "about_NfceSync"), engine.Run("Get-Help -Name about_NfceSync").One().ToString());
    }

    [Theory]
    [InlineData(English, "See also: ")]
    [InlineData(Portuguese, "Veja também: ")]
    public void Other_pages_are_named_and_none_is_promised_online(string culture, string seeAlso) => Assert.All(Commands(), name =>
    {
        string shown = engines[culture].Show("Get-Help -Name $args[0]", name);

        Assert.Contains(seeAlso, Blanks().Replace(shown, " "));
        Assert.DoesNotContain("-Online", shown);
        string[] pages = Text(Help(culture, name), "description").Split(seeAlso)[1].TrimEnd('.').Split(", ");
        Assert.All(pages, page => Assert.True(File.Exists(Path.Combine(Docs, culture, page + ".md")), page));
    });

    [Theory]
    [InlineData(English)]
    [InlineData(Portuguese)]
    public void The_default_that_is_told_is_the_one_that_a_parameter_has(string culture)
    {
        var told = new List<string>();
        Assert.All(Commands(), name =>
        {
            var command = (CmdletInfo)Command(culture, name);
            object cmdlet = Activator.CreateInstance(command.ImplementingType)!;
            foreach (PSObject parameter in Items(Help(culture, name), "parameters", "parameter"))
            {
                PropertyInfo? property = command.ImplementingType.GetProperty(parameter.Properties["name"].Value.ToString()!);

                // WhatIf and Confirm are the engine's own.
                object? value = property is null ? new SwitchParameter(false) : property.GetValue(cmdlet);
                string? expected = value is SwitchParameter or int or string { Length: > 0 } ? value.ToString() : null;
                Assert.Equal(expected, parameter.Properties["defaultValue"]?.Value?.ToString());
                told.Add($"{name} -{property?.Name} {expected}");
            }
        });
        Assert.Contains("Sync-NfcePending -ThrottleLimit 4", told);
        Assert.Contains("Register-NfceStore -Pattern *.xml", told);
    }

    [Theory]
    [InlineData("de-DE")]
    [InlineData("")]
    public void Every_other_language_gets_the_English_help(string culture)
    {
        using var engine = new Engine(culture: culture);

        Assert.Equal(
            Text(Help(English, "Sync-NfcePending"), "description"),
            Text(engine.Run("Get-Help -Name Sync-NfcePending -Full").One(), "description"));
    }

    [Theory]
    [InlineData(English, "SHORT DESCRIPTION")]
    [InlineData(Portuguese, "DESCRIÇÃO BREVE")]
    public void The_about_topics_are_found_and_fit_a_console(string culture, string heading) => Assert.All(
        ["about_NfceSync", "about_NfceSync_Errors"],
        (string topic) =>
        {
            string text = About(culture, topic);
            Assert.Contains(heading, text);
            string synopsis = engines[culture].Run("(Get-Help -Name $args[0]).Synopsis", topic).One().ToString()!;
            Assert.Contains(synopsis, text);
            Assert.InRange(synopsis.Length, 20, 120);
            Assert.All(text.Split('\n'), line => Assert.InRange(line.Length, 0, 100));

            // For Windows PowerShell 5.1.
            string file = Path.Combine(Path.GetDirectoryName(Engine.ModulePath)!, culture, topic + ".help.txt");
            Assert.True(File.ReadAllBytes(file).AsSpan().StartsWith(Encoding.UTF8.Preamble));
        });

    [Theory]
    [InlineData(English, "What to do: ")]
    [InlineData(Portuguese, "O que fazer: ")]
    public void Every_error_id_is_listed_with_what_it_means_and_what_to_do(string culture, string whatToDo)
    {
        Dictionary<string, string> entries = Entry().Matches(About(culture, "about_NfceSync_Errors"))
            .ToDictionary(match => match.Groups[1].Value, match => Blanks().Replace(match.Groups[2].Value, " ").Trim());

        Assert.Equal(ErrorIds(), entries.Keys.Order(StringComparer.Ordinal));
        Assert.All(entries, entry =>
        {
            int at = entry.Value.IndexOf(whatToDo, StringComparison.Ordinal);
            Assert.True(at > 15, entry.Key);
            Assert.True(entry.Value.Length > at + whatToDo.Length, entry.Key);
        });
    }

    [Fact]
    public void The_error_ids_on_the_pages_exist_and_are_the_same_in_both_languages() => Assert.All(Commands(), name =>
    {
        string[] english = Listed(English, "## Errors");
        Assert.NotEmpty(english);
        Assert.Equal(english, Listed(Portuguese, "## Erros"));
        Assert.All(english, id => Assert.Contains(id, ErrorIds()));

        string[] Listed(string culture, string heading)
        {
            string page = File.ReadAllText(Path.Combine(Docs, culture, name + ".md"));
            string section = page.Split(heading + "\n")[1].Split("\n## ")[0];
            return [.. Id().Matches(section).Select(match => match.Groups[1].Value)];
        }
    });

    [Theory]
    [InlineData(English)]
    [InlineData(Portuguese)]
    public void Whatever_is_shown_to_be_typed_names_commands_and_parameters_that_exist(string culture) => Assert.All(
        Directory.GetFiles(Path.Combine(Docs, culture), "*.md").SelectMany(file => Fence().Matches(File.ReadAllText(file))),
        match =>
        {
            Ast script = Parser.ParseInput(match.Groups[1].Value, out _, out ParseError[] errors);
            Assert.Empty(errors);
            foreach (CommandAst used in script.FindAll(node => node is CommandAst, searchNestedScriptBlocks: true).Cast<CommandAst>())
            {
                if (used.GetCommandName() is { } name && name.Contains("-Nfce", StringComparison.Ordinal))
                {
                    CommandInfo command = Command(culture, name);
                    Assert.All(
                        used.CommandElements.OfType<CommandParameterAst>(),
                        parameter => Assert.Contains(parameter.ParameterName, command.Parameters.Keys));
                }
            }
        });

    private static IEnumerable<string> Commands()
    {
        Ast manifest = Parser.ParseFile(Engine.ModulePath, out _, out _);
        var data = (System.Collections.Hashtable)manifest.Find(node => node is HashtableAst, searchNestedScriptBlocks: false).SafeGetValue();
        return ((object[])data["CmdletsToExport"]!).Cast<string>();
    }

    /// <summary>The constants of the built assemblies.</summary>
    private static string[] ErrorIds()
    {
        string folder = Path.Combine(Path.GetDirectoryName(Engine.ModulePath)!, "bin", "net8.0");
        return [.. Constants(Path.Combine(folder, "NfceSync.Core.dll"), "ErrorIds")
            .Concat(Constants(Path.Combine(folder, "NfceSync.PowerShell.dll"), "CmdletErrorIds"))
            .Order(StringComparer.Ordinal)];
    }

    private static string[] Constants(string assembly, string type)
    {
        using FileStream stream = File.OpenRead(assembly);
        using var image = new PEReader(stream);
        MetadataReader reader = image.GetMetadataReader();
        return [.. reader.TypeDefinitions.Select(reader.GetTypeDefinition)
            .Single(definition => reader.GetString(definition.Name) == type)
            .GetFields().Select(reader.GetFieldDefinition)
            .Where(field => field.Attributes.HasFlag(FieldAttributes.Literal))
            .Select(field => reader.GetString(field.Name))];
    }

    private static string Text(PSObject node, params string[] path) =>
        string.Join('\n', Items(node, path).Select(item => item.Properties["Text"]?.Value?.ToString() ?? Text(item, "para"))).Trim();

    private static PSObject[] Items(PSObject node, params string[] path) => [.. path.Aggregate(
        (IEnumerable<PSObject>)[node],
        (nodes, name) => nodes.Select(item => item.Properties[name]?.Value).SelectMany(Values))];

    private static IEnumerable<PSObject> Values(object? value) => value switch
    {
        null => [],
        PSObject { BaseObject: object[] items } => items.Select(PSObject.AsPSObject),
        object[] items => items.Select(PSObject.AsPSObject),
        _ => [PSObject.AsPSObject(value)],
    };

    private PSObject Help(string culture, string name) => engines[culture].Run("Get-Help -Name $args[0] -Full", name).One();

    private CommandInfo Command(string culture, string name) => (CommandInfo)engines[culture].Run("Get-Command -Name $args[0]", name).One().BaseObject;

    private string About(string culture, string topic) => engines[culture].Run("Get-Help -Name $args[0]", topic).One().ToString()!;

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    [GeneratedRegex(@"^    (Nfce\w+)\n((?:        .*\n|\n)+)", RegexOptions.Multiline)]
    private static partial Regex Entry();

    [GeneratedRegex(@"`(Nfce\w+)`")]
    private static partial Regex Id();

    [GeneratedRegex("^```powershell\n(.+?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    /// <summary>An engine for each language; the thread's culture chooses the help.</summary>
    public sealed class Engines : IDisposable
    {
        private readonly Dictionary<string, Engine> _engines =
            new[] { English, Portuguese }.ToDictionary(culture => culture, culture => new Engine(culture: culture));

        public Engine this[string culture] => _engines[culture];

        public void Dispose() => _engines.Values.ToList().ForEach(engine => engine.Dispose());
    }
}
