using System;

using NfceSync.Core.Stores;
using NfceSync.Core.Sync;

namespace NfceSync.PowerShell;

/// <summary>Whether SEFAZ's service runs for a store, with what the answer tells of certificate and clock.</summary>
public sealed class NfceServiceStatus
{
    internal NfceServiceStatus(Store store, ServiceReport report, CertificateInfo certificate, DateTimeOffset now)
    {
        Store = store.Name;
        Uf = store.Uf;
        Environment = store.Environment.ToString();
        Authoriser = report.Authoriser;
        Address = report.Address.ToString();
        Available = report.Available;
        LastCode = report.CStat;
        LastReason = report.XMotivo ?? report.Problem?.Message;
        ErrorId = report.Problem?.ErrorId;
        AskedAt = report.AskedAt?.ToLocalTime();
        ResponseTime = report.Duration;
        ServiceVersion = report.VerAplic;
        ClockSkew = report.ClockSkew;
        BlockedUntil = report.BlockedUntil?.ToLocalTime();
        CertificateName = certificate.CommonName;
        CertificateNotAfter = certificate.NotAfter;
        CertificateDaysLeft = certificate.DaysLeft(now);
    }

    /// <summary>The store's name.</summary>
    public string Store { get; }

    /// <summary>The UF's two letters.</summary>
    public string Uf { get; }

    /// <summary><c>Producao</c> or <c>Homologacao</c>.</summary>
    public string Environment { get; }

    /// <summary>Who authorises, e.g. <c>SVRS</c>.</summary>
    public string Authoriser { get; }

    /// <summary>The address that was asked.</summary>
    public string Address { get; }

    /// <summary>Whether SEFAZ says that it runs.</summary>
    public bool Available { get; }

    /// <summary>SEFAZ's code (107: runs); null where none came.</summary>
    public int? LastCode { get; }

    /// <summary>SEFAZ's reason, or what kept its answer away.</summary>
    public string? LastReason { get; }

    /// <summary>The id of the error that was written; null where the service runs.</summary>
    public string? ErrorId { get; }

    /// <summary>When SEFAZ was asked: an answer is believed for three minutes. Null where it was not.</summary>
    public DateTimeOffset? AskedAt { get; }

    /// <summary>How long the answer took.</summary>
    public TimeSpan? ResponseTime { get; }

    /// <summary>SEFAZ's <c>verAplic</c>.</summary>
    public string? ServiceVersion { get; }

    /// <summary>How far this machine's clock is ahead of SEFAZ's; negative: behind.</summary>
    public TimeSpan? ClockSkew { get; }

    /// <summary>Until when SEFAZ blocks the calls (656); null: not blocked.</summary>
    public DateTimeOffset? BlockedUntil { get; }

    /// <summary>The certificate's common name.</summary>
    public string CertificateName { get; }

    /// <summary>Until when the certificate is valid.</summary>
    public DateTimeOffset CertificateNotAfter { get; }

    /// <summary>How many whole days that is.</summary>
    public int CertificateDaysLeft { get; }

    /// <summary><see cref="ClockSkew"/> in whole seconds.</summary>
    public int? ClockSkewSeconds => ClockSkew is { } skew ? (int)skew.TotalSeconds : null;

    /// <summary><see cref="ResponseTime"/> in milliseconds.</summary>
    public int? ResponseMilliseconds => ResponseTime is { } time ? (int)time.TotalMilliseconds : null;
}
