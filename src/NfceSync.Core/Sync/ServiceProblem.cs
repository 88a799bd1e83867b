using System;

using NfceSync.Core.Sefaz;
using NfceSync.Core.Stores;

namespace NfceSync.Core.Sync;

/// <summary>What keeps a store from SEFAZ's services, as an error for the user.</summary>
internal static class ServiceProblem
{
    public static NfceSyncException Blocked(Store store, DateTimeOffset until) => new(
        ErrorIds.NfceConsumptionBlocked, NfceErrorCategory.InvalidOperation, store.Name, store.Name, until.ToLocalTime());

    /// <summary>No answer, or none of a service; what the handshake or the connection said is kept.</summary>
    public static NfceSyncException Unreachable(Store store, string authoriser, NfceSyncException? failure) =>
        failure is { ErrorId: not ErrorIds.NfceSefazNoAnswer }
            ? failure
            : new NfceSyncException(
                failure,
                ErrorIds.NfceSefazUnreachable,
                NfceErrorCategory.ConnectionError,
                store.Name,
                authoriser,
                failure?.InnerException?.GetBaseException().Message ?? Texts.Get("NoValidAnswer"));

    /// <summary>An answer other than 107 or 656.</summary>
    public static NfceSyncException NotInService(Store store, Disposition meaning, int cStat, string? xMotivo) => new(
        meaning switch
        {
            Disposition.ServicePaused => ErrorIds.NfceServicePaused,
            Disposition.CertificateNotChecked => ErrorIds.NfceCertificateNotChecked,
            Disposition.Configuration or Disposition.ConfigurationInNote => ErrorIds.NfceStoreMisconfigured,
            _ => ErrorIds.NfceServiceStateUnknown,
        },
        NfceErrorCategory.InvalidOperation,
        store.Name,
        store.Name,
        cStat,
        xMotivo,
        CStatCatalogue.Advice(cStat, SefazAnswer.Status).ToString());
}
