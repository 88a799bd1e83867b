using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;

using NfceSync.Core;
using NfceSync.Core.Queue;
using NfceSync.Core.Stores;

namespace NfceSync.PowerShell;

/// <summary>Completes a parameter's value. Whatever goes wrong, nothing is offered: a key press never shows an error.</summary>
public abstract class NfceCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string word = (wordToComplete ?? "").Trim('\'', '"');
        try
        {
            return Offer(word, fakeBoundParameters?["QueuePath"] as string).ToList();
        }
        catch (Exception e) when (e is NfceSyncException or SystemException)
        {
            return [];
        }
    }

    /// <summary>What fits.</summary>
    /// <param name="word">What was typed, without quotes.</param>
    /// <param name="queuePath">The <c>-QueuePath</c> of the command line, or null.</param>
    private protected abstract IEnumerable<CompletionResult> Offer(string word, string? queuePath);

    private protected static bool Begins(string value, string word) => value.StartsWith(word, StringComparison.OrdinalIgnoreCase);
}

/// <summary>Names of registered stores.</summary>
public sealed class StoreNameCompleter : NfceCompleter
{
    private protected override IEnumerable<CompletionResult> Offer(string word, string? queuePath) =>
        from name in QueueNames.Stores(queuePath)
        where Begins(name, word)
        let quoted = name.All(char.IsLetterOrDigit) ? name : "'" + name.Replace("'", "''") + "'"
        select new CompletionResult(quoted, name, CompletionResultType.ParameterValue, name);
}

/// <summary>Access keys of pending notes, nearest deadline first.</summary>
public sealed class AccessKeyCompleter : NfceCompleter
{
    private const int Most = 50;

    private protected override IEnumerable<CompletionResult> Offer(string word, string? queuePath) =>
        from key in QueueNames.PendingKeys(queuePath, word, Most)
        let number = DisplayText.NumberOf(key)
        select new CompletionResult(
            key, key, CompletionResultType.ParameterValue, PowerShellTexts.Get("NoteTip", number.Number, number.Serie));
}

/// <summary>The UFs' letters.</summary>
public sealed class UfCompleter : NfceCompleter
{
    private protected override IEnumerable<CompletionResult> Offer(string word, string? queuePath) =>
        from uf in Uf.All
        where Begins(uf.Code, word)
        select new CompletionResult(uf.Code, uf.Code, CompletionResultType.ParameterValue, uf.Code);
}
