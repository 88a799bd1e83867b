using System;
using System.Security.Authentication;

namespace NfceSync.SefazSimulator;

/// <summary>How one simulated authoriser behaves. Everything has a value that suits a test.</summary>
public sealed record SimulatorOptions
{
    /// <summary>TCP port of the services on 127.0.0.1; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>TCP port of the plain-HTTP control endpoint on 127.0.0.1; 0 takes a free one, null leaves it out.</summary>
    public int? ControlPort { get; init; }

    /// <summary>SEFAZ's clock. Deadlines, blocks and <c>dhRecbto</c> follow it.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where what SEFAZ knows is kept, so that a restarted simulator still knows it; null keeps it in memory.</summary>
    public string? StateFile { get; init; }

    /// <summary>Makes probabilistic faults and jitter repeatable.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The federative unit that authorises, for example <c>RS</c>.</summary>
    public string Uf { get; init; } = "RS";

    /// <summary>Environment: 1 production, 2 homologation.</summary>
    public int TpAmb { get; init; } = 2;

    /// <summary>If set, every request and reply body is written here as a numbered file.</summary>
    public string? WireLogFolder { get; init; }

    /// <summary>If set, every note is validated against <c>nfe_v4.00.xsd</c> of this folder (rule D01, 225).</summary>
    public string? SchemaFolder { get; init; }

    /// <summary>The limits of <em>consumo indevido</em> (cStat 656).</summary>
    public UsageLimits Limits { get; init; } = new();

    /// <summary>What becomes of a client certificate that does not pass rules A01 to A07.</summary>
    public CertificateRefusal CertificateRefusal { get; init; } = CertificateRefusal.Handshake;

    /// <summary>TLS versions that are spoken. With TLS 1.3 a client learns of a refused certificate only after its handshake.</summary>
    public SslProtocols TlsVersions { get; init; } = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>Whether a key older than six months is refused with 526 (rule J02k, optional per UF).</summary>
    public bool RefuseOldKeys { get; init; } = true;

    /// <summary>Whether a duplicate with an equal digest gets its protocol back instead of 204 (rule 2B08-20, observation 2).</summary>
    public bool DuplicateReturnsProtocol { get; init; }

    /// <summary>How long a reply is held back when an answer is never sent.</summary>
    public TimeSpan HangLimit { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>What becomes of a client certificate that does not pass rules A01 to A07 of the manual.</summary>
public enum CertificateRefusal
{
    /// <summary>The TLS handshake fails, as it does at most authorisers.</summary>
    Handshake,

    /// <summary>The handshake passes and the service answers 280, 281, 282 or 283.</summary>
    Message,
}

/// <summary>The limits of <em>consumo indevido</em> (MOC 7.0, Anexo I, 4.3), per transmitter certificate.</summary>
public sealed record UsageLimits
{
    /// <summary>Consultations of one key in an hour before 656 (4.3.4).</summary>
    public int ConsultsPerKey { get; init; } = 10;

    /// <summary>Equal rejections of one note before 656 (4.3.1).</summary>
    public int EqualRejections { get; init; } = 30;

    /// <summary>Repeated calls of any other service in an hour before 656 (4.3.2 and 4.3.6).</summary>
    public int OtherCalls { get; init; } = 40;

    /// <summary>How long a block lasts; a call during the block renews it.</summary>
    public TimeSpan BlockDuration { get; init; } = TimeSpan.FromHours(1);

    /// <summary>No limit is ever reached.</summary>
    public static UsageLimits None { get; } = new()
    {
        ConsultsPerKey = int.MaxValue,
        EqualRejections = int.MaxValue,
        OtherCalls = int.MaxValue,
    };
}
