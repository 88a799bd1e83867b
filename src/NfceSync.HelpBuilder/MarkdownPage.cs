using System.Collections.Generic;
using System.IO;

using Markdig;
using Markdig.Syntax;

namespace NfceSync.HelpBuilder;

/// <summary>A heading with what is below it.</summary>
internal sealed record Section(string Title, int Line)
{
    /// <summary>What stands below the heading, up to the next one.</summary>
    public List<Block> Blocks { get; } = [];

    /// <summary>The sections one level deeper.</summary>
    public List<Section> Sections { get; } = [];
}

/// <summary>A page: its title, what stands below it, and its sections.</summary>
internal sealed class MarkdownPage
{
    private MarkdownPage(string file, Section root)
    {
        File = file;
        Root = root;
    }

    public string File { get; }

    public string Title => Root.Title;

    public Section Root { get; }

    /// <exception cref="PageException">
    /// The page does not begin with its title, leaves a level of headings out, or has what a console cannot show.
    /// </exception>
    public static MarkdownPage Read(string file)
    {
        var open = new Stack<Section>();
        Section? root = null;
        foreach (Block block in Markdown.Parse(System.IO.File.ReadAllText(file)))
        {
            if (block is HeadingBlock heading)
            {
                while (open.Count >= heading.Level)
                {
                    open.Pop();
                }

                if (heading.Level != open.Count + 1 || (heading.Level == 1 && root is not null))
                {
                    throw new PageException(file, block.Line + 1, $"A heading of level {heading.Level} does not belong here.");
                }

                var section = new Section(PlainText.Of(heading), block.Line + 1);
                root ??= section;
                if (open.TryPeek(out Section? parent))
                {
                    parent.Sections.Add(section);
                }

                open.Push(section);
            }
            else if (block is not (ParagraphBlock or ListBlock or CodeBlock))
            {
                throw new PageException(file, block.Line + 1, "Only headings, paragraphs, lists and code can be shown in a console.");
            }
            else if (open.TryPeek(out Section? section))
            {
                section.Blocks.Add(block);
            }
            else
            {
                throw new PageException(file, block.Line + 1, "The page must begin with its title.");
            }
        }

        return new MarkdownPage(file, root ?? throw new PageException(file, 1, $"{Path.GetFileName(file)} is empty."));
    }
}
