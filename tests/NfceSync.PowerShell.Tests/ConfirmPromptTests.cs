using System;
using System.Linq;
using System.Management.Automation;
using System.Threading.Tasks;

using Xunit;

namespace NfceSync.PowerShell.Tests;

public sealed class ConfirmPromptTests
{
    private const int Yes = 0;
    private const int No = 1;
    private const int YesToAll = 2;
    private const int NoToAll = 3;

    [Theory]
    [InlineData("pt-BR", "Confirmação", new[] { "&Sim", "&Não", "Sim para &todos", "Não &para todos" })]
    [InlineData("pt-PT", "Confirmação", new[] { "&Sim", "&Não", "Sim para &todos", "Não &para todos" })]
    [InlineData("en-US", "Confirm", new[] { "&Yes", "&No", "Yes to &all", "N&o to all" })]
    [InlineData("de-DE", "Confirm", new[] { "&Yes", "&No", "Yes to &all", "N&o to all" })]
    public void The_question_is_asked_in_the_user_s_language_and_Enter_means_No(string culture, string caption, string[] choices)
    {
        using var engine = new Engine(culture: culture, module: ProbeModule.ManifestPath);
        engine.Host.Answers.Enqueue(null);

        EngineResult result = engine.Run("Confirm-Probe a");

        Assert.Empty(result.Output);
        Assert.Empty(result.Errors);
        Prompt prompt = Assert.Single(engine.Host.Prompts);
        Assert.Equal((caption, "a?", No), (prompt.Caption, prompt.Message, prompt.DefaultChoice));
        Assert.Equal(choices, prompt.Choices);
    }

    [Theory]
    [InlineData("pt-BR")]
    [InlineData("en-US")]
    public void Every_answer_has_a_key_of_its_own(string culture)
    {
        using var engine = new Engine(culture: culture, module: ProbeModule.ManifestPath);
        engine.Host.Answers.Enqueue(No);

        engine.Run("Confirm-Probe a");

        char[] keys = engine.Host.Prompts[0].Choices.Select(choice => char.ToUpperInvariant(choice[choice.IndexOf('&', StringComparison.Ordinal) + 1])).ToArray();
        Assert.Equal(4, keys.Distinct().Count());
    }

    [Theory]
    [InlineData("", new[] { Yes, No, Yes }, "a c", 3)]
    [InlineData("", new[] { No, YesToAll }, "b c", 2)]
    [InlineData("", new[] { Yes, NoToAll }, "a", 2)]
    [InlineData("-Inside", new[] { Yes, No, Yes }, "a c", 3)]
    [InlineData("-Inside", new[] { NoToAll }, "", 1)]
    public void Answers_hold_for_one_or_for_all_that_follow(string where, int[] answers, string confirmed, int asked)
    {
        using var engine = new Engine(module: ProbeModule.ManifestPath);
        Array.ForEach(answers, answer => engine.Host.Answers.Enqueue(answer));

        EngineResult result = engine.Run($"Confirm-Probe a, b, c {where}");

        Assert.Empty(result.Errors);
        Assert.Equal(confirmed, string.Join(' ', result.Values));
        Assert.Equal(asked, engine.Host.Prompts.Count);
    }

    [Fact]
    public void All_holds_for_one_invocation_only()
    {
        using var engine = new Engine(module: ProbeModule.ManifestPath);
        engine.Host.Answers.Enqueue(YesToAll);
        engine.Host.Answers.Enqueue(No);
        Assert.Equal(["a"], engine.Run("Confirm-Probe a; Confirm-Probe b").Values);
    }

    [Theory]
    [InlineData("Confirm-Probe a -Confirm:$false", 0)]
    [InlineData("$ConfirmPreference = 'None'; Confirm-Probe a", 0)]
    [InlineData("& { $ConfirmPreference = 'None'; Confirm-Probe a }", 0)]
    [InlineData("$ConfirmPreference = 'High'; Confirm-Probe a", 1)]
    [InlineData("$ConfirmPreference = 'Low'; Confirm-Probe a", 1)]
    [InlineData("$ConfirmPreference = 'None'; Confirm-Probe a -Confirm", 1)]
    public void It_is_asked_when_PowerShell_s_own_question_would_be(string script, int asked)
    {
        using var engine = new Engine(module: ProbeModule.ManifestPath);
        engine.Host.Answers.Enqueue(Yes);
        Assert.Equal(["a"], engine.Run(script).Values);
        Assert.Equal(asked, engine.Host.Prompts.Count);
    }

    [Theory]
    [InlineData("Confirm-Probe a, b -WhatIf")]
    [InlineData("$WhatIfPreference = $true; Confirm-Probe a, b")]
    public void WhatIf_asks_nothing_and_shows_a_line_an_item(string script)
    {
        using var engine = new Engine(module: ProbeModule.ManifestPath);
        Assert.Empty(engine.Run(script).Output);
        Assert.Empty(engine.Host.Prompts);
        Assert.Equal(2, engine.Host.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-Inside")]
    public void Where_nobody_can_be_asked_the_command_ends_with_an_error_that_says_how_to_go_on(string where)
    {
        using var engine = new Engine(module: ProbeModule.ManifestPath);

        EngineResult result = engine.Run($"try {{ Confirm-Probe a, b {where} }} catch {{ $_ }}");

        ErrorRecord error = Assert.IsType<ErrorRecord>(Assert.Single(result.Values));
        Assert.StartsWith("NfceConfirmationRequired,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("a", error.TargetObject);
        Assert.Contains("Confirm-Probe", error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains("-Confirm:$false", error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_error_where_nobody_can_be_asked_is_in_the_user_s_language()
    {
        using var engine = new Engine(culture: "pt-BR", module: ProbeModule.ManifestPath);
        ErrorRecord error = Assert.Single(engine.Run("Confirm-Probe a").Errors);
        Assert.StartsWith("Nada foi feito", error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_a_remote_session_the_question_comes_to_the_user_s_side()
    {
        using RemoteEngine remote = await RemoteEngine.ConnectAsync(module: ProbeModule.ManifestPath);
        remote.Host.Answers.Enqueue(Yes);
        remote.Host.Answers.Enqueue(null);

        EngineResult result = remote.Run("Confirm-Probe a, b");

        Assert.Empty(result.Errors);
        Assert.Equal(["a"], result.Values);
        Assert.Equal(["a?", "b?"], remote.Host.Prompts.Select(prompt => prompt.Message));
    }

    [Fact]
    public async Task In_a_remote_session_without_a_user_the_command_ends_with_the_same_error()
    {
        using RemoteEngine remote = await RemoteEngine.ConnectAsync(module: ProbeModule.ManifestPath);
        Assert.Equal(["NfceConfirmationRequired"], remote.Run("Confirm-Probe a").ErrorIds);
    }
}
