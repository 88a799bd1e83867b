using NfceSync.Core.Queue;
using NfceSync.Core.Sefaz;
using NfceSync.Core.Sync;

using Xunit;

namespace NfceSync.Core.Tests.Sync;

/// <summary>What a technician is told to do never contradicts the state.</summary>
public class AdviceForTests
{
    [Theory]
    [InlineData(ErrorIds.NfceDigValDiffers)]
    [InlineData(ErrorIds.NfceDigValMissing)]
    [InlineData(ErrorIds.NfceOtherKeysProtocol)]
    [InlineData(ErrorIds.NfceEvidenceContradicts)]
    [InlineData(ErrorIds.NfceEvidenceNotRegistered)]
    [InlineData(ErrorIds.NfceRegisteredAndNotFound)]
    [InlineData(ErrorIds.NfceSameKeyOtherBytes)]
    public void A_conflict_is_never_told_to_be_settled(string reasonId) => Assert.All(
        [100, 120, 150, 101, 110, 302],
        cStat =>
        {
            string advice = AdviceFor.State(NoteState.Conflict, cStat, reasonId, notBefore: null);
            Assert.NotEqual(CStatCatalogue.Advice(cStat, SefazAnswer.Transmission).ToString(), advice);
            Assert.NotEqual(CStatCatalogue.Advice(cStat, SefazAnswer.Consult).ToString(), advice);
            Assert.NotEmpty(advice);
        });

    [Theory]
    [InlineData(539)]
    [InlineData(562)]
    [InlineData(613)]
    public void A_conflict_of_SEFAZs_own_word_has_the_advice_of_its_code(int cStat) => Assert.Equal(
        CStatCatalogue.Advice(cStat, SefazAnswer.Transmission).ToString(),
        AdviceFor.State(NoteState.Conflict, cStat, reasonId: null, notBefore: null));
}
