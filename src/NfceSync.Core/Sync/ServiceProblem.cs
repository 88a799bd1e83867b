using System;

using NfceSync.Core.Queue;
using NfceSync.Core.Sefaz;
using NfceSync.Core.Stores;

namespace NfceSync.Core.Sync;

/// <summary>What keeps a store from SEFAZ's services, as an error for the user.</summary>
internal static class ServiceProblem
{
    public static NfceSyncException Blocked(Store store, DateTimeOffset until) => new(
        ErrorIds.NfceConsumptionBlocked, NfceErrorCategory.InvalidOperation, store.Name, store.Name, until.ToLocalTime());

    /// <summary>What became of a question so short a time ago that it may not be asked again yet (VG §5.5.3).</summary>
    public static NfceSyncException Remembered(Store store, string authoriser, StatusAnswer last)
    {
        string when = Texts.Get("StatusAskedAt", last.StartedAt.ToLocalTime(), (last.StartedAt + Scopes.StatusHolds).ToLocalTime());
        return last.CStat is { } cStat
            ? NotInService(store, CStatCatalogue.Of(cStat, SefazAnswer.Status), cStat, last.XMotivo, " " + when)
            : new NfceSyncException(
                ErrorIds.NfceSefazUnreachable,
                NfceErrorCategory.ConnectionError,
                store.Name,
                authoriser,
                Texts.Get("NoValidAnswer") + " " + when);
    }

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
                failure?.InnerException is { } cause ? WireCause.Of(cause) : Texts.Get("NoValidAnswer"));

    /// <summary>An answer other than 107 or 656.</summary>
    public static NfceSyncException NotInService(Store store, Disposition meaning, int cStat, string? xMotivo, string? when = null) => new(
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
        CStatCatalogue.Advice(cStat, SefazAnswer.Status) + when);
}
