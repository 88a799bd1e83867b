using System;
using System.Globalization;

using NfceSync.Core.Queue;

namespace NfceSync.PowerShell;

/// <summary>A note that SEFAZ has not finally answered, or a document that a person must look at.</summary>
public sealed class NfcePendingItem
{
    internal NfcePendingItem(PendingItem item, DateTimeOffset now)
    {
        (Number, Serie) = DisplayText.NumberOf(item.ChNFe);
        Store = item.StoreName;
        IssuedAt = item.DhEmi;
        Age = now - item.DhEmi;
        Deadline = item.Deadline;
        TimeLeft = item.Deadline - now;
        Overdue = item.Deadline < now;
        Total = item.VNF;
        Status = item.State.ToString();
        StatusText = DisplayText.State(item.State);
        Attempts = item.Attempts;
        LastCode = item.CStat;
        LastReason = item.Reason;
        NextStep = item.Exception is null ? item.Advice : null;
        NextCallAt = item.NotBefore?.ToLocalTime();
        Corrected = item.Corrected;
        ErrorId = item.ReasonId;
        OtherKey = item.OtherKey;
        ChNFe = item.ChNFe;
        DocumentId = item.DocumentId;
        Path = item.SourcePath;
        Exception = item.Exception;
        ExceptionBy = item.ExceptionBy;
        ExceptionAt = item.ExceptionAt?.ToLocalTime();
    }

    /// <summary>The store's name.</summary>
    public string Store { get; }

    /// <summary><c>nNF</c>; null where no access key could be read.</summary>
    public int? Number { get; }

    /// <summary><c>serie</c>; null where no access key could be read.</summary>
    public int? Serie { get; }

    /// <summary>When it was issued, in the store's own offset; null where it could not be read.</summary>
    public DateTimeOffset? IssuedAt { get; }

    /// <summary>How long ago that was.</summary>
    public TimeSpan? Age { get; }

    /// <summary>The last instant at which it is in time.</summary>
    public DateTimeOffset? Deadline { get; }

    /// <summary>How long it is until then; negative once it is late.</summary>
    public TimeSpan? TimeLeft { get; }

    /// <summary>Whether it is past its deadline. It is still sent.</summary>
    public bool Overdue { get; }

    /// <summary>The note's total in reais.</summary>
    public decimal? Total { get; }

    /// <summary>The state: a name of <see cref="NfcePendingStatus"/>.</summary>
    public string Status { get; }

    /// <summary>The state in the language of the machine that was asked.</summary>
    public string StatusText { get; }

    /// <summary>How often SEFAZ was called about it.</summary>
    public int Attempts { get; }

    /// <summary>The last <c>cStat</c> that SEFAZ gave for it.</summary>
    public int? LastCode { get; }

    /// <summary>SEFAZ's reason, or ours where the state is not SEFAZ's word.</summary>
    public string? LastReason { get; }

    /// <summary>What to do next.</summary>
    public string? NextStep { get; }

    /// <summary>Before this instant SEFAZ is not asked about it; null: now.</summary>
    public DateTimeOffset? NextCallAt { get; }

    /// <summary>Whether these bytes correct an earlier version that SEFAZ rejected.</summary>
    public bool Corrected { get; }

    /// <summary>The stable id of our own reason; null where the reason is SEFAZ's.</summary>
    public string? ErrorId { get; }

    /// <summary>The other key that SEFAZ named (539, 562).</summary>
    public string? OtherKey { get; }

    /// <summary>The access key; null for a document in which none could be read.</summary>
    public string? ChNFe { get; }

    /// <summary>The number of a quarantined document; 0 for a note.</summary>
    public long DocumentId { get; }

    /// <summary>The file it came from.</summary>
    public string? Path { get; }

    /// <summary>The verdict of the person who took it out of the pending items; null while it is pending.</summary>
    public string? Exception { get; }

    /// <summary>Who gave the verdict.</summary>
    public string? ExceptionBy { get; }

    /// <summary>When the verdict was given.</summary>
    public DateTimeOffset? ExceptionAt { get; }

    /// <summary><see cref="IssuedAt"/> as it is shown.</summary>
    public string? IssuedAtText => DisplayText.Instant(IssuedAt);

    /// <summary><see cref="Age"/> as it is shown.</summary>
    public string? AgeText => DisplayText.Span(Age);

    /// <summary><see cref="Deadline"/> as it is shown.</summary>
    public string? DeadlineText => DisplayText.Instant(Deadline);

    /// <summary><see cref="TimeLeft"/> as it is shown.</summary>
    public string? TimeLeftText => DisplayText.Span(TimeLeft);

    /// <summary><see cref="Total"/> as it is shown.</summary>
    public string? TotalText => Total is { } total ? DisplayText.Amount(total) : null;

    /// <summary>Reason and next step, or the verdict, in one cell; for a document after its file's name, its only one.</summary>
    public string Guidance
    {
        get
        {
            string file = DocumentId == 0 || Path is null ? "" : System.IO.Path.GetFileName(Path) + ": ";
            return file + (Exception is { } verdict
                ? string.Format(CultureInfo.InvariantCulture, "{0} ({1}, {2})", verdict, ExceptionBy, DisplayText.Instant(ExceptionAt))
                : LastReason is null ? NextStep ?? "" : LastReason + Environment.NewLine + "> " + NextStep);
        }
    }

    /// <summary>The access key, else the file.</summary>
    public override string ToString() => ChNFe ?? Path ?? Store;
}
