using System;
using System.Collections.Generic;
using System.Linq;

using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace NfceSync.HelpBuilder;

/// <summary>A name with its text: a parameter, a type.</summary>
internal sealed record Entry(string Name, IReadOnlyList<string> Text);

/// <summary>An example: what it shows, what is typed, what is said about it.</summary>
internal sealed record Example(string Title, string Code, IReadOnlyList<string> Remarks);

/// <summary>The page of a cmdlet.</summary>
internal sealed class CmdletPage
{
    public required Language Language { get; init; }

    public required IReadOnlyList<string> Synopsis { get; init; }

    public required IReadOnlyList<string> Description { get; init; }

    public required IReadOnlyList<Entry> Parameters { get; init; }

    public required IReadOnlyList<Entry> Inputs { get; init; }

    public required IReadOnlyList<Entry> Outputs { get; init; }

    public required IReadOnlyList<string> Errors { get; init; }

    public required IReadOnlyList<Example> Examples { get; init; }

    /// <summary>Other pages of this help.</summary>
    public required IReadOnlyList<string> Links { get; init; }

    /// <exception cref="PageException">A section or parameter that there is not.</exception>
    public static CmdletPage From(MarkdownPage page, Language language, CmdletMetadata cmdlet)
    {
        string[] known =
        [
            language.Description, language.Parameters, language.Inputs, language.Outputs, language.Errors, language.Examples, language.Links,
        ];
        if (page.Root.Sections.Find(section => !known.Contains(section.Title)) is { } unknown)
        {
            throw new PageException(page.File, unknown.Line, $"No section is named '{unknown.Title}'.");
        }

        if (Sections(language.Parameters).FirstOrDefault(section => !cmdlet.Has(section.Title)) is { } other)
        {
            throw new PageException(page.File, other.Line, $"{cmdlet.Name} has no parameter '{other.Title}'.");
        }

        return new CmdletPage
        {
            Language = language,
            Synopsis = Texts(page.Root.Blocks),
            Description = Texts(Blocks(language.Description)),
            Parameters = Entries(language.Parameters),
            Inputs = Entries(language.Inputs),
            Outputs = Entries(language.Outputs),
            Errors = Texts(Blocks(language.Errors)),
            Examples = Sections(language.Examples).Select(Example).ToList(),
            Links = Blocks(language.Links).SelectMany(block => block.Descendants<LinkInline>()).Select(PlainText.Of).ToList(),
        };

        Section? Find(string title) => page.Root.Sections.Find(section => section.Title == title);

        IEnumerable<Block> Blocks(string title) => Find(title)?.Blocks ?? [];

        IEnumerable<Section> Sections(string title) => Find(title)?.Sections ?? [];

        IReadOnlyList<Entry> Entries(string title) =>
            Sections(title).Select(section => new Entry(section.Title.TrimStart('-'), Texts(section.Blocks))).ToList();
    }

    private static List<string> Texts(IEnumerable<Block> blocks) => PlainText.Paragraphs(blocks).ToList();

    private static Example Example(Section section) => new(
        section.Title,
        string.Join('\n', section.Blocks.OfType<CodeBlock>().SelectMany(PlainText.Lines)),
        Texts(section.Blocks.Where(block => block is not CodeBlock)));
}
