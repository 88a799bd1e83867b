using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;

using Markdig.Syntax;

namespace NfceSync.HelpBuilder;

/// <summary>An <c>about_</c> page as text of 80 columns.</summary>
internal static partial class AboutText
{
    private const int Width = 80;
    private const int Step = 4;

    public static string Write(MarkdownPage page, Language language)
    {
        var text = new StringBuilder();
        List<string> opening = PlainText.Paragraphs(page.Root.Blocks).ToList();
        if (opening.Count != 1)
        {
            throw new PageException(page.File, page.Root.Line, "One paragraph, the short description, must stand below the title.");
        }

        // Get-Help takes the fifth line for the synopsis, so that it must not be broken.
        Line(language.Heading(language.Topic), 0);
        Line(page.Title, Step);
        Line("", 0);
        Line(language.Heading(language.ShortDescription), 0);
        Line(opening[0], Step);
        foreach (Section section in page.Root.Sections)
        {
            Line("", 0);
            Line(language.Heading(section.Title), 0);
            Blocks(section.Blocks, Step);
            foreach (Section entry in section.Sections)
            {
                Line("", 0);
                Line(entry.Title, Step);
                Blocks(entry.Blocks, 2 * Step);
            }
        }

        return text.ToString();

        void Blocks(List<Block> blocks, int indent)
        {
            foreach (Block block in blocks)
            {
                if (block != blocks[0])
                {
                    Line("", 0);
                }

                foreach (string paragraph in PlainText.Paragraphs([block]))
                {
                    (block is CodeBlock ? paragraph.Split('\n') : Wrap(paragraph, Width - indent)).ToList().ForEach(line => Line(line, indent));
                }
            }
        }

        void Line(string line, int indent) => text.Append(line.Length == 0 ? "" : new string(' ', indent)).Append(line).Append('\n');
    }

    private static IEnumerable<string> Wrap(string paragraph, int width)
    {
        string hanging = new(' ', Mark().Match(paragraph).Length);
        string line = "";
        foreach (string word in paragraph.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line;
                line = hanging + word;
            }
            else
            {
                line = line.Length == 0 ? word : line + " " + word;
            }
        }

        yield return line;
    }

    // What an item of a list begins with.
    [GeneratedRegex(@"^(- |\d+\. )")]
    private static partial Regex Mark();
}
