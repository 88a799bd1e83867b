using System;
using System.Collections.ObjectModel;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Reflection;

namespace NfceSync.PowerShell;

/// <summary>
/// Asks before an act, in the user's language: the engine's own prompt (<c>ShouldProcess</c>) is English only. It honours
/// what that prompt honours: <c>-Confirm</c>, <c>$ConfirmPreference</c> against the command's <c>ConfirmImpact</c>, and "to all".
/// </summary>
internal sealed class ConfirmPrompt(PSCmdlet cmdlet)
{
    private const int No = 1;

    private static readonly string[] ChoiceTexts = ["PromptYes", "PromptNo", "PromptYesToAll", "PromptNoToAll"];

    private bool? _answerToAll;

    /// <summary>Whether to go on. Called on the pipeline's thread.</summary>
    /// <param name="question">The whole question, e.g. "Loja 01: enviar 12 notas, total R$ 1.234,56?".</param>
    /// <param name="target">The user's own value it is about, for the error.</param>
    /// <exception cref="PipelineStoppedException">
    /// The question cannot be asked here (the terminating error <c>NfceConfirmationRequired</c> was thrown), or Ctrl+C.
    /// </exception>
    public bool Ask(string question, object? target)
    {
        if (!MustAsk())
        {
            return true;
        }

        if (_answerToAll is bool remembered)
        {
            return remembered;
        }

        int answer = Show(question, target);
        bool yes = answer is 0 or 2;
        if (answer is 2 or 3)
        {
            _answerToAll = yes;
        }

        return yes;
    }

    private bool MustAsk()
    {
        if (cmdlet.MyInvocation.BoundParameters.TryGetValue("Confirm", out object? bound))
        {
            return LanguagePrimitives.IsTrue(bound);
        }

        ConfirmImpact preference = LanguagePrimitives.ConvertTo<ConfirmImpact>(cmdlet.GetVariableValue("ConfirmPreference", ConfirmImpact.High));
        ConfirmImpact impact = cmdlet.GetType().GetCustomAttribute<CmdletAttribute>()!.ConfirmImpact;
        return preference != ConfirmImpact.None && impact >= preference;
    }

    private int Show(string question, object? target)
    {
        var choices = new Collection<ChoiceDescription>(
            ChoiceTexts.Select(id => new ChoiceDescription(PowerShellTexts.Get(id), PowerShellTexts.Get(id + "Help"))).ToList());
        try
        {
            return cmdlet.Host.UI.PromptForChoice(PowerShellTexts.Get("PromptCaption"), question, choices, No);
        }
        catch (Exception exception) when (exception is not PipelineStoppedException)
        {
            // Hosts refuse in different ways: -NonInteractive, a host without a console, a job, a client that cannot ask.
            string text = PowerShellTexts.Get(CmdletErrorIds.NfceConfirmationRequired, question, cmdlet.MyInvocation.MyCommand.Name);
            cmdlet.ThrowTerminatingError(new ErrorRecord(
                new InvalidOperationException(text, exception),
                CmdletErrorIds.NfceConfirmationRequired,
                ErrorCategory.InvalidOperation,
                target));
            throw;
        }
    }
}
