namespace NfceSync.SefazSimulator;

/// <summary>Everything that can go wrong between a store and SEFAZ.</summary>
public enum FaultKind
{
    /// <summary>The connection is accepted and closed before the TLS handshake.</summary>
    TlsHandshakeClosed,

    /// <summary>The connection is accepted and reset before the TLS handshake.</summary>
    TlsHandshakeReset,

    /// <summary>The connection is reset before the request's body is read; nothing is processed.</summary>
    CutBeforeRequest,

    /// <summary>The connection is reset when half of the request's body was read; nothing is processed.</summary>
    CutInRequest,

    /// <summary>The connection is reset after the whole request was read; nothing is processed.</summary>
    CutAfterRequest,

    /// <summary>The request is processed, then the connection is reset before a byte of the reply.</summary>
    CutAfterProcessing,

    /// <summary>The request is processed, then the connection is reset after a quarter of the reply.</summary>
    CutAtQuarterOfReply,

    /// <summary>The request is processed, then the connection is reset after half of the reply.</summary>
    CutAtHalfOfReply,

    /// <summary>The request is processed, then the connection is reset after three quarters of the reply.</summary>
    CutAtThreeQuartersOfReply,

    /// <summary>The request is processed, but its answer is never sent.</summary>
    AnswerNeverSent,

    /// <summary>HTTP 503 with a short text. Nothing is processed unless the rule says so.</summary>
    HttpUnavailable,

    /// <summary>HTTP 200 with an HTML page. Nothing is processed unless the rule says so.</summary>
    HtmlPage,

    /// <summary>HTTP 500 with a SOAP fault. Nothing is processed unless the rule says so.</summary>
    SoapFault,

    /// <summary>HTTP 200 without a body. Nothing is processed unless the rule says so.</summary>
    EmptyBody,

    /// <summary>Processed, but the protocol that comes back is another note's.</summary>
    ForeignProtocol,

    /// <summary>Processed, but the protocol's digest is not the note's.</summary>
    WrongDigVal,

    /// <summary>Processed, but the protocol has no digest.</summary>
    MissingDigVal,

    /// <summary>Authorised with an alert: 120, with <c>cMsg</c> and <c>xMsg</c> (NT 2026.002).</summary>
    AuthorizedWithAlert,

    /// <summary>The code of the rule (999 if it names none). Nothing is processed unless the rule says so.</summary>
    UnknownCode,

    /// <summary>Processed, but the reply names the other environment.</summary>
    WrongTpAmb,

    /// <summary>Processed, but the reply lacks its keys and has a <c>cUF</c> that the schema forbids.</summary>
    InvalidReply,

    /// <summary>108 for this call, and for every call during the rule's time.</summary>
    PausedForNow,

    /// <summary>109 for this call, and for every call during the rule's time.</summary>
    PausedIndefinitely,

    /// <summary>656 for this call, and for every call of the certificate to this service during the rule's time.</summary>
    ConsumoIndevido,

    /// <summary>The reply comes after the rule's time, give or take its jitter. It does not keep another fault from striking.</summary>
    Latency,

    /// <summary>The reply comes in small pieces, spread over the rule's time.</summary>
    SlowDrip,

    /// <summary>105 now, then 635 when sent again and 217 when consulted, until the rule's calls and time are over.</summary>
    DelayedProcessing,

    /// <summary>103 with a receipt; 105 for it until the rule's calls and time are over, then 104 with the protocol.</summary>
    Receipt,

    /// <summary>204 although the note is not registered: a consultation answers 217.</summary>
    EndlessDuplicate,
}
