using System.Linq;

namespace NfceSync.SefazSimulator;

/// <summary>Counts of what happened so far.</summary>
public sealed class SimulatorCounters
{
    private readonly Ledger _ledger;
    private readonly UsageMeter _meter;

    internal SimulatorCounters(Ledger ledger, UsageMeter meter)
    {
        _ledger = ledger;
        _meter = meter;
    }

    /// <summary>How often 656 was answered.</summary>
    public int Blocked => _meter.Blocked;

    /// <summary>Calls to one service.</summary>
    /// <param name="service">The service.</param>
    /// <returns>Their number.</returns>
    public int Calls(SefazService service) => _ledger.Calls.Count(call => call.Service == service);

    /// <summary>Calls answered with one code.</summary>
    /// <param name="cStat">The code.</param>
    /// <returns>Their number.</returns>
    public int Answered(int cStat) => _ledger.Calls.Count(call => call.CStat == cStat);
}
