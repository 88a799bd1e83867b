using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace NfceSync.HelpBuilder;

/// <summary>Markdown as a console shows it: no marks, links by their text.</summary>
internal static class PlainText
{
    /// <summary>The text of a paragraph or heading, in one line.</summary>
    public static string Of(LeafBlock block) => Of(block.Inline);

    /// <summary>The text of a link or another part of a line.</summary>
    public static string Of(ContainerInline? inline)
    {
        var text = new StringBuilder();
        Append(text, inline);
        return text.ToString();
    }

    /// <summary>The lines of a code block.</summary>
    public static IEnumerable<string> Lines(CodeBlock block) =>
        block.Lines.Lines.Take(block.Lines.Count).Select(line => line.Slice.ToString());

    /// <summary>One text for each paragraph, for each item of a list, and for each code block.</summary>
    public static IEnumerable<string> Paragraphs(IEnumerable<Block> blocks) => blocks.SelectMany(block => block switch
    {
        CodeBlock code => [string.Join('\n', Lines(code).Select(line => "    " + line))],
        ParagraphBlock paragraph => [Of(paragraph)],
        ListBlock list => list.Cast<ListItemBlock>()
            .Select(item => (list.IsOrdered ? item.Order + ". " : "- ") + string.Join(' ', Paragraphs(item))),
        _ => throw new NotSupportedException($"No page has a {block.GetType().Name}."),
    });

    private static void Append(StringBuilder text, ContainerInline? container)
    {
        foreach (Inline inline in container ?? Enumerable.Empty<Inline>())
        {
            switch (inline)
            {
                case CodeInline code:
                    text.Append(code.Content);
                    break;
                case LineBreakInline:
                    text.Append(' ');
                    break;
                case HtmlEntityInline entity:
                    text.Append(entity.Transcoded);
                    break;
                case ContainerInline inner:
                    Append(text, inner);
                    break;
                default:
                    text.Append(inline);
                    break;
            }
        }
    }
}
