using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Xml.Linq;

namespace NfceSync.HelpBuilder;

/// <summary>The help of all cmdlets in the form that Get-Help reads.</summary>
internal static class MamlFile
{
    private static readonly XNamespace Msh = "http://msh";
    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    public static XDocument Write(IEnumerable<(CmdletPage Page, CmdletMetadata Cmdlet)> pages) => new(new XElement(
        Msh + "helpItems",
        new XAttribute("schema", "maml"),
        pages.Select(item => Write(item.Page, item.Cmdlet))));

    private static XElement Write(CmdletPage page, CmdletMetadata cmdlet)
    {
        Dictionary<string, Entry> texts = page.Parameters.ToDictionary(entry => entry.Name);
        return new XElement(
            Command + "command",
            new XAttribute(XNamespace.Xmlns + "maml", Maml),
            new XAttribute(XNamespace.Xmlns + "command", Command),
            new XAttribute(XNamespace.Xmlns + "dev", Dev),
            new XElement(
                Command + "details",
                new XElement(Command + "name", cmdlet.Name),
                new XElement(Command + "verb", cmdlet.Verb),
                new XElement(Command + "noun", cmdlet.Noun),
                Description(page.Synopsis)),
            // Not as relatedLinks: for those the engine offers Get-Help -Online, and none of them has an address.
            Description([.. page.Description, $"{page.Language.SeeAlso}: {string.Join(", ", page.Links)}."]),
            new XElement(Command + "syntax", cmdlet.Sets.Select(set => new XElement(
                Command + "syntaxItem", new XElement(Maml + "name", cmdlet.Name), set.Select(Parameter)))),
            new XElement(Command + "parameters", cmdlet.Parameters.OrderBy(parameter => parameter.Name).Select(Parameter)),
            Types("inputType", page.Inputs),
            Types("returnValue", page.Outputs),
            new XElement(
                Maml + "alertSet",
                new XElement(Maml + "title", page.Language.Errors),
                new XElement(Maml + "alert", Paragraphs(page.Errors))),
            new XElement(Command + "examples", page.Examples.Select((example, index) => Write(example, page.Language, index + 1))));

        XElement Parameter(ParameterMetadata parameter) => new(
            Command + "parameter",
            new XAttribute("required", parameter.Mandatory),
            new XAttribute("variableLength", parameter.IsList),
            new XAttribute("globbing", parameter.Wildcards),
            new XAttribute("pipelineInput", parameter.Pipeline),
            new XAttribute("position", parameter.Position?.ToString(CultureInfo.InvariantCulture) ?? "named"),
            new XAttribute("aliases", parameter.Aliases.Length == 0 ? "none" : parameter.Aliases),
            new XElement(Maml + "name", parameter.Name),
            Description(texts.TryGetValue(parameter.Name, out Entry? entry) ? entry.Text : []),
            parameter.IsSwitch
                ? null
                : new XElement(
                    Command + "parameterValue",
                    new XAttribute("required", true),
                    new XAttribute("variableLength", parameter.IsList),
                    parameter.Type),
            new XElement(Dev + "type", new XElement(Maml + "name", parameter.Type), new XElement(Maml + "uri")),
            parameter.Default is null ? null : new XElement(Dev + "defaultValue", parameter.Default));
    }

    private static XElement Write(Example example, Language language, int number) => new(
        Command + "example",
        new XElement(Maml + "title", $"---- {language.Example} {number}: {example.Title} ----"),
        new XElement(Dev + "code", example.Code),
        // The last one is the blank line before the next example.
        new XElement(Dev + "remarks", Paragraphs([.. example.Remarks, ""])));

    private static XElement Types(string element, IEnumerable<Entry> types) => new(
        Command + (element + "s"),
        types.Select(type => new XElement(
            Command + element,
            new XElement(Dev + "type", new XElement(Maml + "name", type.Name), new XElement(Maml + "uri")),
            Description(type.Text))));

    private static XElement Description(IEnumerable<string> texts) => new(Maml + "description", Paragraphs(texts));

    private static IEnumerable<XElement> Paragraphs(IEnumerable<string> texts) => texts.Select(text => new XElement(Maml + "para", text));
}
