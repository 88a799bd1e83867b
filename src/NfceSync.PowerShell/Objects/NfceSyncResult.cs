using System;
using System.Globalization;

using NfceSync.Core.Sync;

namespace NfceSync.PowerShell;

/// <summary>A note and what a run made of it.</summary>
public sealed class NfceSyncResult
{
    internal NfceSyncResult(SyncResult result)
    {
        Store = result.StoreName;
        Number = result.NNF;
        Serie = result.Serie;
        IssuedAt = result.DhEmi;
        Total = result.VNF;
        Status = result.State.ToString();
        StatusText = DisplayText.State(result.State);
        LastCode = result.CStat;
        LastReason = result.Reason;
        NextStep = result.Advice;
        Protocol = result.NProt;
        ReceivedAt = DateTimeOffset.TryParse(result.DhRecbto, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTimeOffset at)
            ? at
            : null;
        OtherKey = result.OtherKey;
        ChNFe = result.ChNFe;
    }

    /// <summary>The store's name.</summary>
    public string Store { get; }

    /// <summary><c>nNF</c>.</summary>
    public int Number { get; }

    /// <summary><c>serie</c>.</summary>
    public int Serie { get; }

    /// <summary>When it was issued, in the store's own offset.</summary>
    public DateTimeOffset IssuedAt { get; }

    /// <summary>The note's total in reais.</summary>
    public decimal Total { get; }

    /// <summary>The state now: <c>Authorized</c>, <c>Cancelled</c>, <c>Denied</c>, or a name of <see cref="NfcePendingStatus"/>.</summary>
    public string Status { get; }

    /// <summary>The state in the language of the machine that sent it.</summary>
    public string StatusText { get; }

    /// <summary>The <c>cStat</c> that decided: 100, 150 (late), 120 (with an alert), or the rejection.</summary>
    public int? LastCode { get; }

    /// <summary>SEFAZ's reason, or ours where the state is not SEFAZ's word.</summary>
    public string? LastReason { get; }

    /// <summary>What to do next; empty where nothing is left to do.</summary>
    public string NextStep { get; }

    /// <summary><c>nProt</c> of an authorised note.</summary>
    public string? Protocol { get; }

    /// <summary><c>dhRecbto</c>: when SEFAZ received it.</summary>
    public DateTimeOffset? ReceivedAt { get; }

    /// <summary>The other key that SEFAZ named.</summary>
    public string? OtherKey { get; }

    /// <summary>The access key.</summary>
    public string ChNFe { get; }

    /// <summary><see cref="IssuedAt"/> as it is shown.</summary>
    public string? IssuedAtText => DisplayText.Instant(IssuedAt);

    /// <summary><see cref="Total"/> as it is shown.</summary>
    public string TotalText => DisplayText.Amount(Total);

    /// <summary>Protocol of an authorised note, else reason and next step, in one cell.</summary>
    public string Guidance => NextStep.Length == 0
        ? string.Join(" ", LastReason, Protocol).Trim()
        : LastReason is null ? NextStep : LastReason + Environment.NewLine + "> " + NextStep;

    /// <summary>The access key.</summary>
    public override string ToString() => ChNFe;
}
