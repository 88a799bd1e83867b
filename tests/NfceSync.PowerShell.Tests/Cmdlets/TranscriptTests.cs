using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading.Tasks;

using NfceSync.SefazSimulator;

using Xunit;

namespace NfceSync.PowerShell.Tests.Cmdlets;

/// <summary>
/// Holds the transcripts below docs/ against what a console shows. They are written anew with NFCESYNC_WRITE_TRANSCRIPTS=1:
/// every line below a prompt is replaced by what the engine shows.
/// </summary>
public sealed partial class TranscriptTests
{
    private const string PromptOfConsole = "PS> ";
    private const string SomethingRemains = "<!-- A note that SEFAZ rejects, and a damaged file. -->";
    private const int Yes = 0;

    [Theory]
    [InlineData("en-US")]
    [InlineData("pt-BR")]
    public async Task The_transcript_is_what_a_technician_sees(string culture)
    {
        string file = Path.Combine(Engine.RepositoryRoot(), "docs", $"transcript-{culture}.md");
        string committed = await File.ReadAllTextAsync(file);

        string played = await PlayAsync(committed, culture);

        if (Environment.GetEnvironmentVariable("NFCESYNC_WRITE_TRANSCRIPTS") == "1")
        {
            await File.WriteAllTextAsync(file, played);
        }

        Assert.Contains(SomethingRemains, played);
        Assert.Equal(Timeless(played), Timeless(committed));
    }

    private static async Task<string> PlayAsync(string transcript, string culture)
    {
        await using StoreMachine machine = await StoreMachine.StartAsync(culture);

        // One at a time: results come in the order of the list.
        machine.Run("$global:PSDefaultParameterValues['Sync-NfcePending:ThrottleLimit'] = 1");
        Drop(machine, 1041, 34.56m);
        Drop(machine, 1042, 120.00m);
        Drop(machine, 1043, 1034.56m);
        Drop(machine, 1044, 45.44m);
        var text = new StringBuilder();
        bool inConsole = false;
        bool skips = false;
        foreach (string line in transcript.TrimEnd('\n').Split('\n'))
        {
            if (line == SomethingRemains)
            {
                LeaveSomething(machine);
            }

            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                inConsole = !inConsole;
                skips = false;
            }

            if (inConsole && line.StartsWith(PromptOfConsole, StringComparison.Ordinal))
            {
                text.Append(line).Append('\n').Append(Shown(machine, line[PromptOfConsole.Length..]));
                skips = true;
            }
            else if (!skips)
            {
                text.Append(line).Append('\n');
            }
        }

        return text.ToString();
    }

    private static void LeaveSomething(StoreMachine machine)
    {
        SignedNote note = Drop(machine, 1045, 59.90m);
        Drop(machine, 1046, 12.00m);
        SignedNote broken = machine.Factory.Create(new NoteRequest { Number = 1047 });
        machine.Drop("nfce-1047.xml", broken.Bytes[..(broken.Bytes.Length / 2)].ToArray());
        machine.Simulator.Faults.Add(new FaultRule(FaultKind.UnknownCode) { ChNFe = note.ChNFe, CStat = 778, Service = SefazService.Autorizacao });
    }

    // A folder is listed in no order, so that each note is taken in before the next one lies there.
    private static SignedNote Drop(StoreMachine machine, int number, decimal total)
    {
        SignedNote note = machine.Drop(1, number, total: total).Single();
        machine.Run("Get-NfcePending");
        return note;
    }

    private static string Shown(StoreMachine machine, string command)
    {
        int start = machine.Host.Text.Length;
        int asked = machine.Host.Prompts.Count;
        machine.Host.Answers.Enqueue(Yes);
        machine.Run("& { " + command + " } 2>&1 | Out-Default");
        machine.Host.Answers.Clear();

        // A question comes before everything else that the command shows.
        string questions = string.Concat(machine.Host.Prompts.Skip(asked).Select(Question));
        string output = Colours().Replace(machine.Host.Text[start..], "");
        string shown = string.Join('\n', (questions + output).Split('\n').Select(line => line.TrimEnd())).TrimEnd('\n');
        return shown.Length == 0 ? "" : shown + "\n\n";
    }

    // As the console of PowerShell 7 writes it: its own words are English in every culture.
    private static string Question(Prompt prompt)
    {
        string[] keys = [.. prompt.Choices.Select(label => label[(label.IndexOf('&', StringComparison.Ordinal) + 1)..][..1].ToUpperInvariant())];
        IEnumerable<string> choices = prompt.Choices.Select((label, index) => $"[{keys[index]}] {label.Replace("&", "", StringComparison.Ordinal)}");
        return $"\n{prompt.Caption}\n{prompt.Message}\n{string.Join("  ", choices)}  [?] Help (default is \"{keys[prompt.DefaultChoice]}\"): {keys[Yes]}\n";
    }

    // Times, spans, protocols and the blanks that align them differ from run to run.
    private static string Timeless(string text) => Blanks().Replace(Span().Replace(Instant().Replace(Protocol().Replace(text, "P"), "T"), "S"), " ");

    [GeneratedRegex("\u001b\\[[0-9;]*m")]
    private static partial Regex Colours();

    [GeneratedRegex(@"\b\d{15}\b")]
    private static partial Regex Protocol();

    [GeneratedRegex(@"\b\d\d/\d\d \d\d:\d\d\b")]
    private static partial Regex Instant();

    [GeneratedRegex(@"-?\b(\d+d\d\dh|\d+d|\d+h\d\d|\d+m)\b")]
    private static partial Regex Span();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
