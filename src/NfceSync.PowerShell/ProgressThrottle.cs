using System;
using System.Collections.Generic;
using System.Management.Automation;

namespace NfceSync.PowerShell;

/// <summary>Lets through five updates a second of each activity, and always the one that ends it.</summary>
internal sealed class ProgressThrottle(TimeProvider clock)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly Dictionary<int, long> _lastShown = [];

    /// <summary>Whether the record is to be shown now. Safe to call from several threads.</summary>
    public bool Admit(ProgressRecord record)
    {
        lock (_lastShown)
        {
            long now = clock.GetTimestamp();
            if (record.RecordType != ProgressRecordType.Completed
                && _lastShown.TryGetValue(record.ActivityId, out long last)
                && clock.GetElapsedTime(last, now) < Interval)
            {
                return false;
            }

            _lastShown[record.ActivityId] = now;
            return true;
        }
    }
}
