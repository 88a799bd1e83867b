namespace NfceSync.PowerShell;

/// <summary>The environment of SEFAZ.</summary>
public enum NfceEnvironment
{
    /// <summary>Produção: the notes count.</summary>
    Producao = 1,

    /// <summary>Homologação: for tests, without fiscal value.</summary>
    Homologacao = 2,
}

/// <summary>The system that issues a store's notes.</summary>
public enum NfceSystem
{
    /// <summary>Sistema Plus.</summary>
    Plus = 0,

    /// <summary>One Gestão Desktop.</summary>
    OneGestaoDesktop = 1,

    /// <summary>Lite.</summary>
    Lite = 2,

    /// <summary>Multi Loja.</summary>
    MultiLoja = 3,
}

/// <summary>What a pending item can be.</summary>
public enum NfcePendingStatus
{
    /// <summary>To be sent.</summary>
    Pending = 1,

    /// <summary>A run is sending it, or a run that died was.</summary>
    Transmitting = 2,

    /// <summary>Sent without a valid answer: consulted before it is ever sent again.</summary>
    Uncertain = 3,

    /// <summary>SEFAZ refused the content; the issuer corrects it.</summary>
    Rejected = 4,

    /// <summary>SEFAZ's word and these bytes do not fit together; a person looks.</summary>
    Conflict = 5,

    /// <summary>A document that is not what it must be; a person decides.</summary>
    Quarantined = 9,
}
