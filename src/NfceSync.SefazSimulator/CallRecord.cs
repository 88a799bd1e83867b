using System;

namespace NfceSync.SefazSimulator;

/// <summary>One call, in the order in which calls came.</summary>
public sealed class CallRecord
{
    internal CallRecord(long sequence, DateTimeOffset at, SefazService service, string? certificateId)
    {
        Sequence = sequence;
        At = at;
        Service = service;
        CertificateId = certificateId;
    }

    /// <summary>Counts from 1.</summary>
    public long Sequence { get; }

    /// <summary>When it came, by the simulator's clock.</summary>
    public DateTimeOffset At { get; }

    /// <summary>The service that was called.</summary>
    public SefazService Service { get; }

    /// <summary>CNPJ or CPF of the client certificate; null if it names none.</summary>
    public string? CertificateId { get; }

    /// <summary>Access key it was about; null for a status call or where it could not be read.</summary>
    public string? ChNFe { get; internal set; }

    /// <summary>Base64 text of the sent note's digest; null if no note was sent.</summary>
    public string? DigVal { get; internal set; }

    /// <summary>The code answered: the note's where there is a protocol, else the message's; 0 if none was made.</summary>
    public int CStat { get; internal set; }

    /// <summary>Whether this call registered the note.</summary>
    public bool Registered { get; internal set; }

    /// <summary>The fault that struck; null if none.</summary>
    public FaultKind? Fault { get; internal set; }

    /// <summary>Whether the whole reply was handed to the connection.</summary>
    public bool Delivered { get; internal set; }
}
